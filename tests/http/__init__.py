"""Tests of `smoke/http`."""
