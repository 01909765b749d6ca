"""Tests of `smoke/demo`."""
