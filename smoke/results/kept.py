"""The record of the current run from memory, without reading its file."""

from smoke.results.record import Line, Record
from smoke.results.record_reader import one_each
from smoke.results.run import Run


def kept(run: Run) -> Record:
    """Return the record of a run that has begun."""
    found: dict[str, list[Line]] = {}
    for line in run.lines.kept:
        found.setdefault(line["kind"], []).append(line)
    return Record(
        header=found["run"][0],
        service=found.get("service", [{}])[-1],
        exchanges=found.get("exchange", []),
        expectations=found.get("expectation", []),
        checks=one_each(found.get("check", [])),
        created=found.get("created", []),
        removed=found.get("removed", []),
        notes=found.get("note", []),
        last=found.get("verdict", [None])[-1],
    )
