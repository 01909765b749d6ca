"""
Reading a record: each line is checked against the schema of its kind.

A record comes from another process, and often from another machine, so each mistake has its place.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from smoke.contract.pointers import join
from smoke.documents import TextError, UnreadableError, parse_json, visible
from smoke.documents import read_lines as lines_of_file
from smoke.errors import DataError
from smoke.results.record import Line, Record
from smoke.results.run import FORMAT

# A broken record may have a mistake on each line: a person reads the first few.
MAX_MISTAKES = 5
MAX_MESSAGE = 200
# No real number of bytes, seconds or milliseconds reaches this.
MOST = 1e12


def read(path: Path) -> Record:
    """
    Return the record at a path; an incomplete last line, left by a killed run, is skipped.

    Raises:
        DataError: the file cannot be read, or is not the record of a run.
    """
    return Record.of_lines(_lines(str(path), _of_file(path)))


def read_lines(path: Path) -> list[Line]:
    """
    Return the lines of the record at a path, whatever their kind; none where it is empty.

    Raises:
        DataError: the file cannot be read, or has something else than lines of a record.
    """
    texts = _of_file(path)
    return list(_lines(str(path), texts)) if texts != [""] else []


def gather(place: str, text: str) -> Record:
    """
    Return the record a text holds; `place` names it in messages.

    Raises:
        DataError: it is not the record of a run, or of another format.
    """
    return Record.of_lines(_lines(place, text.split("\n")))


def _of_file(path: Path) -> list[str]:
    try:
        return lines_of_file(path)
    except UnreadableError as error:
        raise DataError(f"{path}: cannot be read: {error.reason}. Name a run.jsonl.") from None


def _lines(place: str, texts: list[str]) -> Iterator[Line]:
    """The lines of a record, the header first; an incomplete last line is skipped."""
    header = True
    for number, text in enumerate(texts, start=1):
        if not text:
            continue
        here = f"{place}:{number}"
        try:
            line = parse_json(text)
        except TextError as error:
            # A run that was killed leaves its last line unfinished.
            if number == len(texts) and not header:
                return
            raise DataError(f"{here}:{error.column}: {error.problem}.") from None
        if header:
            _check_header(here, line)
        problems = [f"{here}{visible(problem)}" for problem in _problems(line, header)]
        if problems:
            raise DataError("\n".join(problems[:MAX_MISTAKES]))
        header = False
        yield line
    if header:
        raise DataError(f"{place}: is not the record of a run: it is empty.")


def _check_header(here: str, line: Any) -> None:
    if not isinstance(line, dict) or line.get("kind") != "run":
        raise DataError(f"{here}: is not the record of a run: its first line has no header.")
    if line.get("format") != FORMAT:
        raise DataError(
            f"{here}: has format {line.get('format')!r}. Allowed: {FORMAT}. "
            "Read it with the version of smoke that wrote it."
        )


def _problems(line: Any, header: bool) -> Iterator[str]:
    """The errors of a line against its schema; additional members are allowed."""
    kind = line.get("kind") if isinstance(line, dict) else None
    if not isinstance(kind, str) or kind not in _kinds() or (kind == "run") is not header:
        yield ": is not a line of a record."
        return
    # A newer version may have added members, which an older reader passes over.
    for error in _kinds()[kind].iter_errors(line):
        if error.kind.name != "additionalProperties":
            yield f"#{join(*error.instance_path)}: {error.message[:MAX_MESSAGE]}."
    for key, value in line.items():
        if isinstance(value, (int, float)) and value > MOST:
            yield f"#{join(key)}: the number is too large."


@cache
def _kinds() -> dict[str, jsonschema_rs.Draft202012Validator]:
    """The validator of each kind of line."""
    text = Path(__file__).with_name("run.schema.json").read_text(encoding="utf-8")
    return {
        kind: jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True)
        for kind, schema in json.loads(text)["$defs"].items()
    }
