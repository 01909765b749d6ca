"""The hand-written checks of api-service: one module per tag of its contract."""

import pytest

exercises = pytest.mark.exercises
"""Declares the operations whose documented success a check sees; the plugin verifies it."""
