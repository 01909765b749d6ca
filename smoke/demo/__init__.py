"""A small notes API for the tutorial: `smoke demo` serves it, with a bug if requested."""
