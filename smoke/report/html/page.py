"""The page."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smoke.report.record import Record


def html(records: "Sequence[Record]") -> str:
    """Return the page."""
    return ", ".join(record.target for record in records)
