"""Rules for single kinds of personal data and secrets, by family. `appliance.privacy.detecting.rules` runs them all."""
