"""The HTML report in a real browser; run by a nox session of its own."""
