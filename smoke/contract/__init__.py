"""
The contract: the operations, shapes and security that an OpenAPI 3.0, 3.1 or 3.2 document promises.

Reading it sends no requests. Schemas are compiled on first use and kept.
"""

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
