"""Checks beside each other: which may run at the same time, and their start ahead of their turn."""
