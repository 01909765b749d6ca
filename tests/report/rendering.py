"""The reports of records as texts, as they are written."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from smoke.report.files import write_reports
from smoke.results.record import Record


def rendered(
    records: Sequence[Record], news: Mapping[str, Sequence[str]] | None = None
) -> dict[str, str]:
    """Return the files by name."""
    with TemporaryDirectory() as folder:
        write_reports(records, Path(folder), {}, news or {})
        return {path.name: path.read_text("utf-8") for path in Path(folder).iterdir()}
