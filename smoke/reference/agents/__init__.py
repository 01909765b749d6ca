"""The agents that answer, and their state."""
