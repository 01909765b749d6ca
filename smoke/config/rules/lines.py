"""Lines of a TOML file: tomllib gives values without places, but a message needs a line number."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
KEY = re.compile(r"""^\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=""")
PART = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")

Place = tuple[str | int, ...]


def places(text: str) -> dict[Place, int]:
    """
    The line (counted from one) of every table header and key, by path; array entries by index.
    """
    found: dict[Place, int] = {}
    prefix: Place = ()
    seen: Counter[Place] = Counter()
    for number, line in _logical_lines(text):
        header = HEADER.match(line)
        if header:
            prefix = _table(_parts(header[2]), header[1] == "[[", seen)
            # The first line of a table is the best place for a message about all of it.
            found.setdefault(prefix, number)
        elif key := KEY.match(line):
            found.setdefault((*prefix, *_parts(key[1])), number)
    return found


def _table(parts: Place, is_array: bool, seen: Counter[Place]) -> Place:
    """The path of a header, with the latest index after the name of an array of tables."""
    path: Place = ()
    for index, part in enumerate(parts):
        path = (*path, part)
        last = index == len(parts) - 1
        if last and is_array:
            seen[path] += 1
        if seen[path]:
            path = (*path, seen[path] - 1)
    return path


def _parts(dotted: str) -> Place:
    return tuple(a or b or c for a, b, c in PART.findall(dotted))


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines that can begin a table or a key: not those inside multi-line strings or brackets."""
    quote, depth = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not quote and depth == 0:
            yield number, line
        if not quote and depth == 0 and HEADER.match(line):
            continue
        quote, depth = _scan(line, quote, depth)


def _scan(line: str, quote: str, depth: int) -> tuple[str, int]:
    """The state after a line: the open multi-line string, and the number of open brackets."""
    index = 0
    while index < len(line):
        if quote:
            if line.startswith("\\", index) and quote.startswith('"'):
                index += 2
                continue
            if line.startswith(quote, index):
                index, quote = index + len(quote), ""
                continue
        # A comment may contain quotes and brackets.
        elif line[index] == "#":
            break
        elif line[index] in "\"'":
            mark = line[index]
            quote = mark * 3 if line.startswith(mark * 3, index) else mark
            index += len(quote)
            continue
        else:
            depth += (line[index] in "[{") - (line[index] in "]}")
        index += 1
    return (quote if len(quote) == 3 else ""), max(depth, 0)


def line_of(found: dict[Place, int], path: Sequence[str | int]) -> int:
    """The line of a path, else of its nearest parent; the first line as a last resort."""
    place = tuple(path)
    while place:
        if place in found:
            return found[place]
        place = place[:-1]
    return 1
