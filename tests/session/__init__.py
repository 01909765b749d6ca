"""Tests of `smoke/session`."""
