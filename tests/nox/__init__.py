"""Tests of `smoke/nox`."""
