"""From TOML to the model: every fault is collected with its file, place and cure, and nothing is guessed."""
