"""
Drift: the differences between the contract that a deployment serves and the committed one.

Only differences in requests and answers count; titles, descriptions, examples, operation names
and order do not.
"""

from smoke.contract.diff.operations import Change, change_lines, drift

__all__ = ["Change", "change_lines", "drift"]
