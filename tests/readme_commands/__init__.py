"""The README's commands in a fresh place, as a reader runs them."""
