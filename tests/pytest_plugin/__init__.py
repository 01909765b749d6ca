"""Tests of `smoke/pytest_plugin`."""
