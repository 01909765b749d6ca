"""
The spellings of a secret in a text, and its position there.

A service may write the same value in many ways: URL-encoded once or twice (RFC 3986 §2.1), escaped
in JSON (RFC 8259 §7), in a string of a programming language, in HTML or XML, wrapped into lines, in
other case. A search for every spelling of every secret would be slow. So each text and each
secret are converted to one plain form, and the text is searched once.

The plain form has no escapes, no quotes, no line ends and no capitals, and writes the two
alphabets of base64 (RFC 4648 §4, §5) and a space in a form (`+`) alike. It is bytes of UTF-8.
"""

import re
from bisect import bisect_right
from html.entities import html5
from typing import NamedTuple

# How often escapes are undone: text in JSON in JSON in a URL is met, deeper is not.
ROUNDS = 4

# One escape. Each part begins at a byte of its own kind and is bounded or possessive, so that a
# search takes time in proportion to the text.
ESCAPE = re.compile(
    rb"%(?:25)*(?:(?P<percent>[0-9a-fA-F]{2})"
    rb"|u(?P<up>[dD][89abAB][0-9a-fA-F]{2})%(?:25)*u(?P<down>[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|u(?P<escape>[0-9a-fA-F]{4}))"
    rb"|\\(?<!\\\\)\\*+(?:"
    rb"u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\++u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|u(?P<four>[0-9a-fA-F]{4})|u\{(?P<braced>[0-9a-fA-F]{1,6})\}|U(?P<eight>[0-9a-fA-F]{8})"
    rb"|x(?P<two>[0-9a-fA-F]{2})|(?P<octal>[0-3][0-7]{2}))"
    rb"|&(?:amp;)*(?:\#[xX](?P<hex>[0-9a-fA-F]{1,6});|\#(?P<decimal>[0-9]{1,7});"
    rb"|(?P<name>[a-zA-Z]{2,9};))"
    # A long literal that Python's pprint cut into lines.
    rb"|['\"](?:\r?\n|\\++n)[ \t]*+b?\\*+['\"]"
    rb"|(?P<printable>(?:=[89A-F][0-9A-F]){2,4}|=3D)|=\r?\n|\r?\n[ \t]*+"
)

# One of these is in every text with an escape.
MARKS = (b"%", b"\\", b"&", b"\n", b"=3D", b"=C", b"=D", b"=E", b"=F")

SIXTEEN = ("percent", "escape", "four", "eight", "braced", "two", "hex")
NUMBERS = dict.fromkeys(SIXTEEN, 16) | {"octal": 8, "decimal": 10}

# Quotes and what escapes them, as some languages double them and some put a backslash before; and
# white space that stands for itself. Escaped as `\n` it leaves its letter: what is read as an
# escape there may as well be a backslash before a secret.
DROPPED = b"\"'`\\\t\b\f\r\n"

ALIKE = bytes.maketrans(b"+-_", b"  /")

HIDDEN = re.compile(rb"[\"'`\\\t\x08\f\r\n]")


def small(text: str) -> bytes:
    """Return a text without capitals of ASCII, as UTF-8: as long as the text itself is."""
    return text.encode("utf-8", "surrogatepass").lower()


def plain(text: str) -> bytes:
    """Return the plain form of a text."""
    return forms_of(text)[0]


def forms_of(text: str, *, both: bool = False) -> list[bytes]:
    """
    Return the forms of a text to search: the plain one and, after escapes or if `both`, the text.

    An apparent escape may be the end of one text and the beginning of a secret.
    """
    data, undone = text.encode("utf-8", "surrogatepass"), 0
    for _ in range(ROUNDS):
        if not any(map(data.__contains__, MARKS)):
            break
        data, count = ESCAPE.subn(_meant, data)
        undone += count
        if not count:
            break
    found = [data.lower().translate(ALIKE, DROPPED)]
    return [*found, small(text)] if undone or both else found


def undone(text: str) -> str:
    """Return a text without escapes, but with its capitals, quotes and lines."""
    data = text.encode("utf-8", "surrogatepass")
    for _ in range(ROUNDS):
        if not any(map(data.__contains__, MARKS)):
            break
        before, data = data, ESCAPE.sub(_but_lines, data)
        if data == before:
            break
    return data.decode("utf-8", "replace").replace('\\"', '"').replace("\\/", "/")


def _but_lines(escape: "re.Match[bytes]") -> bytes:
    return _meant(escape) if escape.lastgroup else escape.group()


def _meant(escape: "re.Match[bytes]") -> bytes:
    """The bytes that an escape stands for."""
    kind = escape.lastgroup
    if kind is None:  # the end of a line, with how the next one is indented
        return b""
    value = escape[kind].decode()
    if kind == "name":
        return html5.get(value, value).encode("utf-8", "surrogatepass")
    if kind in ("low", "down"):
        high, low = int(escape["high"] or escape["up"], 16), int(value, 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)).encode()
    if kind == "printable":  # quoted-printable (RFC 2045 §6.7)
        return bytes.fromhex(value.replace("=", ""))
    number = int(value, NUMBERS[kind])
    # Some languages mean a character by two digits: see `secrets`.
    if kind in ("percent", "two", "octal"):
        return bytes([number])
    return chr(min(number, 0x10FFFF)).encode("utf-8", "surrogatepass")


class Step(NamedTuple):
    """One escape that was undone: where it stood in the result and in the source, in bytes."""

    at: int
    size: int
    source: int
    source_size: int


def places(text: str, found: "list[tuple[int, int]]") -> "list[tuple[int, int]]":
    """Return where spans of the plain form stand in the text itself, encoded as UTF-8."""
    data = text.encode("utf-8", "surrogatepass")
    history: list[list[Step]] = []
    for _ in range(ROUNDS):
        if not any(map(data.__contains__, MARKS)):
            break
        data, steps = _undone(data, ESCAPE)
        history.append(steps)
        if not steps:
            break
    history.append(_undone(data, HIDDEN)[1])
    for steps in reversed(history):
        starts = [step.at for step in steps]
        found = [
            (_source(steps, starts, begin, last=False), _source(steps, starts, end - 1, last=True))
            for begin, end in found
        ]
    return found


def _undone(data: bytes, escape: "re.Pattern[bytes]") -> tuple[bytes, list[Step]]:
    """The data with each escape undone, or dropped, and where that was done."""
    parts, steps, done, size = [], [], 0, 0
    for match in escape.finditer(data):
        begin, end = match.span()
        meant = _meant(match) if escape is ESCAPE else b""
        parts += [data[done:begin], meant]
        size += begin - done
        steps.append(Step(size, len(meant), begin, end - begin))
        size += len(meant)
        done = end
    return b"".join([*parts, data[done:]]), steps


def _source(steps: list[Step], starts: list[int], at: int, *, last: bool) -> int:
    """
    Where a byte of the result came from: its place, or, as the `last` of a span, the one after.

    Several steps may stand at the same place where they left nothing: the last of them counts.
    """
    index = bisect_right(starts, at) - 1
    if index < 0:
        return at + last
    step = steps[index]
    beyond = at - step.at - step.size
    if beyond < 0:  # the byte is part of what an escape stands for
        return step.source + (step.source_size if last else 0)
    return step.source + step.source_size + beyond + last
