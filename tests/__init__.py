"""Tests of the toolkit: `smoke/` asks the service, `tests/` asks `smoke/`."""
