"""Rules for single kinds of personal data and secrets, by family. `appliance.privacy.rules` runs them all."""
