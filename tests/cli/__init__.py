"""Tests of `smoke/cli`."""
