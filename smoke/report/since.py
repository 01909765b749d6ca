"""What is new since the last green run of a target, whose record lies beside the next ones."""

from typing import TYPE_CHECKING

from smoke.report.record import read
from smoke.verdict import Word

if TYPE_CHECKING:
    from pathlib import Path

    from smoke.report.record import Record

GREEN = "green.jsonl"
"""The name of that record in the folder of a target."""


def since_green(record: "Record", folder: "Path") -> list[str]:
    """What is new since the last green run of this target; nothing for a run of a part."""
    path = folder / GREEN
    if record.word is Word.GREEN or record.verdict["part"] or not path.is_file():
        return []
    from smoke.report.compare import since  # with its statistics, which a green run does not need

    return list(since(read(path), record))
