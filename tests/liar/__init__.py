"""A service made from any contract that answers everything and does nothing of it."""
