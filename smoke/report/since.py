"""The changes since the last green run of a target, from the record beside the new one."""

from pathlib import Path

from smoke.report.compare import since
from smoke.report.slower import slower_than
from smoke.results.record import Record
from smoke.results.record_reader import read
from smoke.results.run_dir import GREEN
from smoke.results.verdict import Word


def given(path: Path, target: str) -> bytes:
    """
    Return the record of an earlier run: the file, or that of the target in a directory of records.

    Raises:
        DataError: it is not the record of a run.
    """
    file = path / target / "run.jsonl" if path.is_dir() else path
    read(file)
    return file.read_bytes()


def since_green(record: Record, folder: Path) -> list[str]:
    """
    The changes since the last green run of this target; none for a partial or quick run.

    A green run names only the surfaces that are much slower.
    """
    path = folder / GREEN
    if record.verdict["part"] or record.is_quick or not path.is_file():
        return []
    if record.word is Word.GREEN:
        return list(slower_than(path, record))
    return list(since(read(path), record))
