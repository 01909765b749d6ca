"""Tests of `smoke/contract`."""
