"""Tests of `smoke/documents`."""
