"""What the command line does with records: reports made again, runs compared, what varied."""

from typing import TYPE_CHECKING

from smoke.errors import Exit
from smoke.report.files import write_reports
from smoke.report.record import read
from smoke.report.summary import ending, header
from smoke.verdict import WORST_FIRST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import TextIO


def report(
    paths: "Sequence[Path]", folder: "Path", environ: "Mapping[str, str]", out: "TextIO"
) -> int:
    """Make every report of one or several records again, print them, return the verdict's code.

    Raises:
        DataError: a record cannot be read.
    """
    records = [read(path) for path in paths]
    page = write_reports(records, folder, environ)
    for record in records:
        for line, _ in (*header(record.header), ("", ""), *ending(record, str(page))):
            print(line, file=out)
    codes = [Exit(record.verdict["exit"]) for record in records]
    return min(codes, key=WORST_FIRST.index)


def compared(paths: "Sequence[Path]", out: "TextIO") -> int:
    """Print what changed between two records, or what varied among more; 1 where it is worse.

    Raises:
        DataError: a record cannot be read.
    """
    from smoke.report.compare import compare, lines, varied_lines

    records = [read(path) for path in paths]
    if len(records) == 2:
        found = compare(*records)
        for line in lines(found):
            print(line, file=out)
        return int(found.worse)
    told = list(varied_lines(records))
    for line in told or [f"nothing varied in {len(records)} runs"]:
        print(line, file=out)
    return int(bool(told))
