"""Tests of `smoke/checks`."""
