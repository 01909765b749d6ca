"""Tests of the project itself: CI, layers, README."""
