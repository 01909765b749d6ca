"""Tests of `smoke/results`."""
