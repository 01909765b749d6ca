"""Many targets, each with its own run, and one verdict over all: list, units, merge, engines."""
