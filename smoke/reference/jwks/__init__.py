"""The published signing keys."""
