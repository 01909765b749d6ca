"""
Drift: how the contract that a deployment serves of itself differs from the committed one.

It compares what shapes requests and answers; titles, descriptions, examples, names of operations
and order do not count.
"""

from __future__ import annotations

from smoke.contract.diff.operations import Change, drift
from smoke.contract.diff.words import told

__all__ = ["Change", "drift", "told"]
