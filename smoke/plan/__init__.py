"""
The plan: one frozen request for every operation, in a working order, with a source for every id.

It is built once (building imports schemathesis), committed and reviewed. A run only loads and
fills it.
"""

from smoke.plan.model import Entry, Plan, load
from smoke.plan.pool import Pool
from smoke.plan.wire import Blocked, Body, FilledRequest, FollowUp, follow_up

__all__ = [
    "Blocked",
    "Body",
    "Entry",
    "FilledRequest",
    "FollowUp",
    "Plan",
    "Pool",
    "follow_up",
    "load",
]
