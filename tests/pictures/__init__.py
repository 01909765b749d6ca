"""Makes the pictures of the README from a real run: `nox -s pictures`."""
