"""The doors of the README: its commands in a fresh place, as a reader runs them."""
