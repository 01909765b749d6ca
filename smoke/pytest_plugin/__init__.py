"""The pytest plugin: options, hooks, fixtures and the selection of checks."""
