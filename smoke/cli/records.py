"""The command line's work on records: writing reports again, and comparing runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from smoke.report.compare import compare, lines, since_green
from smoke.report.files import write_reports
from smoke.report.several import end_of_one, end_of_several
from smoke.report.summary import header
from smoke.results.record_reader import read


def report(paths: Sequence[Path], report_dir: Path, out: TextIO) -> None:
    """Write all reports of one or several records again, and print the verdict.

    Raises:
        DataError: a record cannot be read.
    """
    records = [read(path) for path in paths]
    beside = zip(records, paths, strict=True)
    news = {record.target: since_green(record, path.parent) for record, path in beside}
    page = write_reports(records, report_dir, {}, news)
    output = [line for record in records for line in header(record.header)]
    if len(records) == 1:
        output += [("", ""), *end_of_one(records[0], page, news[records[0].target])]
    else:
        output += [("", ""), *end_of_several(records, dict.fromkeys(news, page), page, news)]
    for line, _ in output:
        print(line, file=out)


def compared(was: Path, now: Path, out: TextIO) -> int:
    """Print the changes between two runs; return 1 if a check fails now that passed before.

    Raises:
        DataError: a record cannot be read.
    """
    found = compare(read(was), read(now))
    for line in lines(found):
        print(line, file=out)
    return int(found.worse)
