"""Tests of `smoke/plan`."""
