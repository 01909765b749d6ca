"""Tests of `smoke/config`."""
