"""Lists of rows: CSV with a header, or a list of objects in JSON or YAML."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from smoke.documents.files import TextError
from smoke.documents.json import parse_json
from smoke.documents.yaml import parse_yaml

MOST_ROWS = 100_000


def parse_rows(text: str) -> list[dict[str, Any]]:
    """
    The rows of a list; its first character decides the format.

    `[` or `{` begins JSON, `-` begins YAML, everything else is CSV (RFC 4180) with a header. CSV
    values are texts; empty fields are omitted.

    Raises:
        TextError: the text is in another format, or a row is not an object.
    """
    begins = text.lstrip()[:1]
    if begins in ("[", "{"):
        return _objects(parse_json(text))
    if begins == "-":
        return _objects(parse_yaml(text))
    return list(_csv(text))


def _objects(found: Any) -> list[dict[str, Any]]:
    rows = found if isinstance(found, list) else [found]
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise TextError(f"row {number} is not an object: {str(row)[:60]!r}")
    return rows


def _csv(text: str) -> Iterator[dict[str, Any]]:
    reader = csv.DictReader(StringIO(text.lstrip()), strict=True, skipinitialspace=True)
    try:
        for row in reader:
            # `csv` marks a field too many with the key None, and a missing one with a None value.
            if None in row or None in row.values():
                raise TextError("the row has more or fewer fields than the header", reader.line_num)
            if reader.line_num > MOST_ROWS:
                raise TextError(f"a list of more than {MOST_ROWS} lines", reader.line_num)
            yield {name.strip(): value.strip() for name, value in row.items() if value.strip()}
    except csv.Error as error:
        raise TextError(f"not CSV: {error}", reader.line_num) from None
