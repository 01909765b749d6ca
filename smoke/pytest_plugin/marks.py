"""Marks that a check carries; the plugin reads them."""

import pytest

exercises = pytest.mark.exercises
"""Declares operations; the plugin verifies that the check saw each of them succeed."""

gate = pytest.mark.gate
"""Names a gate that a check needs in addition to the gates of its operations."""
