"""The passive rules, each against the smallest exchange that breaks it."""
