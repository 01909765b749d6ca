"""Passwords and e-mail addresses: change, reset, verification."""
