"""Log entries of browsers."""
