"""
The plan: one frozen request for every operation, in a working order, with a source for every id.

It is built once (building imports schemathesis), committed and reviewed. A run only loads and
fills it.
"""

from smoke.plan.model import Entry, Plan, load
from smoke.plan.pool import Pool
from smoke.plan.requests import Blocked, FilledRequest, FollowUp, follow_up
from smoke.plan.wire import Body

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
