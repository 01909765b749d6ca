"""Marks that a check carries; the plugin reads them."""

from __future__ import annotations

import pytest

# Declares the operations whose documented success a check sees; the plugin verifies it.
exercises = pytest.mark.exercises

# Names the gate of an optional surface that a check needs although no operation says so.
gate = pytest.mark.gate
