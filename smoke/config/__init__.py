"""Configuration: settings, targets, gates, the production guard, and the rules."""
