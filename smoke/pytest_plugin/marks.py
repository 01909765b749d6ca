"""Marks that a check carries; the plugin reads them."""

import pytest

exercises = pytest.mark.exercises
"""Declares the operations whose documented success a check sees; the plugin verifies it."""

gate = pytest.mark.gate
"""Names the gate of an optional surface that a check needs although no operation says so."""
