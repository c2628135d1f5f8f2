"""Personal data and secrets: found, labelled, replaced."""
