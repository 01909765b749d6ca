"""Cleanup after a run that was killed."""
