"""Vector stores: their files, their search, their bindings to agents."""
