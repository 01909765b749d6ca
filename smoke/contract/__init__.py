"""
The contract is what an OpenAPI 3.0 or 3.1 document promises: operations, shapes, security.

Reading it sends nothing. Schemas are compiled when first needed and kept.
"""

from __future__ import annotations

from smoke.contract.contract import Contract
from smoke.contract.events import event_data
from smoke.contract.findings import Finding, FindingKind
from smoke.contract.operations import Media, Operation, Parameter, Response

__all__ = [
    "Contract",
    "Finding",
    "FindingKind",
    "Media",
    "Operation",
    "Parameter",
    "Response",
    "event_data",
]
