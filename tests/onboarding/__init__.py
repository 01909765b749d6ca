"""Services of others, from the package index, met as a stranger meets them: `nox -s foreign`."""
