"""TOML 1.0 (toml.io); every mistake is reported with its line, on every Python version."""

import json
import re
import tomllib
from typing import Any

from smoke.documents.files import TextError, place_of
from smoke.documents.json import DEEPEST, TOO_DEEP, deepest, too_deep

PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
LONG_NUMBER = re.compile(r"\d{4300}")
PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
# A dotted key beyond the nesting limit; `tomllib` needs seconds for one of ten thousand parts.
LONG_KEY = re.compile(rf"(?<![\w.-]){PART}(?:[ \t]*+\.[ \t]*+{PART}){{{DEEPEST}}}")


def parse_toml(text: str) -> dict[str, Any]:
    """
    The tables of a TOML text.

    Raises:
        TextError: it is not TOML, or nests too deeply.
    """
    if long := LONG_KEY.search(text):
        raise TextError(TOO_DEEP, *place_of(text, long.start()))
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _error(str(error).splitlines()[0], text) from None
    except RecursionError:
        raise TextError(TOO_DEEP, *place_of(text, deepest(text))) from None
    except ValueError:
        # Python refuses numbers of more digits (CVE-2020-10735).
        long = LONG_NUMBER.search(text)
        place = place_of(text, long.start() if long else 0)
        raise TextError("a number with too many digits", *place) from None
    if too_deep(found):
        raise TextError(TOO_DEEP, *place_of(text, deepest(text)))
    return found


def _error(message: str, text: str) -> TextError:
    """The place is read from the end of the message: only Python 3.14 has attributes for it."""
    found = PLACE.search(message)
    problem = f"not TOML: {PLACE.sub('', message)}"
    if found is None or found[1] is None:
        return TextError(problem, *place_of(text.rstrip("\n"), len(text.rstrip("\n"))))
    return TextError(problem, int(found[1]), int(found[2]))


def toml_value(value: Any) -> str:
    """A value of JSON as inline TOML, which has no null: a member that is null is left out."""
    if isinstance(value, dict):
        members = ((key, member) for key, member in value.items() if member is not None)
        inner = ", ".join(f"{toml_key(key)} = {toml_value(member)}" for key, member in members)
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(toml_value(item) for item in value if item is not None)}]"
    return json.dumps(value, ensure_ascii=False)


def toml_rule(operation: str, **values: Any) -> str:
    """A rule of a rules file, to paste there."""
    rows = (f"{toml_key(key)} = {toml_value(value)}" for key, value in values.items())
    return "\n".join(["[[rule]]", f"operation = {toml_value(operation)}", *rows])


def toml_key(name: str) -> str:
    """A key of TOML: bare where it may be."""
    bare = name.replace("_", "").replace("-", "")
    return name if bare.isalnum() and bare.isascii() else json.dumps(name)
