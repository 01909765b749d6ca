"""Paths of operations: a template with its values, and the place of what it names.

The place of a thing is the path down to the last parameter: `/invites/7` of
`POST /invites/7/revoke`. An id alone names nothing: 7 is also a user and a store.
"""

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

TEMPLATE = re.compile(r"\{([^{}]+)\}")


def split(operation: str) -> tuple[str, str]:
    """Return the method and the path template of an operation id."""
    method, _, template = operation.partition(" ")
    return method, template


def fill(template: str, values: "Mapping[str, Any]") -> str:
    """Return the path with its parameters filled in and percent-encoded (RFC 3986 §2.1).

    Raises:
        KeyError: a parameter has no value.
    """
    return TEMPLATE.sub(lambda name: encoded(values[name.group(1)]), template)


def encoded(value: Any) -> str:
    """A value as one segment of a path; different values give different segments."""
    return quote(str(value), safe="", errors="surrogatepass")


def place(template: str, path: str, actor: str) -> str:
    """Return where the thing is that a filled path names, down to the last parameter.

    A path without parameters names something of its caller, such as `/users/me`, or everything
    there is: its place is that path for this actor alone. Segments are counted from the end, so
    that a base path before the template does not matter.
    """
    behind = template.rpartition("}")[2].count("/")
    if "}" not in template:
        return f"{path} of {actor}"
    return "/".join(path.split("/")[: -behind or None])


def misleads(value: Any) -> bool:
    """Whether a value in a path would name another path: nothing, `.` or `..` (RFC 3986 §5.2.4)."""
    if value is None or value == "":
        return True
    return any(part in (".", "..") for part in re.split(r"[/\\]", str(value)))
