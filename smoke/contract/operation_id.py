"""
Operation ids: `METHOD /path/{template}`, and the place of the resource that a filled path names.

The place is the path down to the last parameter: `/invites/7` of `POST /invites/7/revoke`. An id
alone is ambiguous: 7 is also a user and a store.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from smoke.documents.json import compact_json

# A path parameter in a template (OpenAPI 3.1 §4.8.8.1).
PARAMETER = re.compile(r"\{([^{}]+)\}")


class OperationId(str):
    """
    The name of an operation, with access to its parts.

    It is a `str`, so it works as a dictionary key and as a JSON value.
    """

    __slots__ = ()

    @property
    def method(self) -> str:
        """The HTTP method, in capitals."""
        return self.partition(" ")[0]

    @property
    def path(self) -> str:
        """The path template."""
        return self.partition(" ")[2]

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the path parameters, in order."""
        return tuple(PARAMETER.findall(self.path))

    @property
    def last_parameter(self) -> str:
        """The name of the last path parameter; empty if the path has none."""
        return (self.parameters or ("",))[-1]

    def fill(self, values: Mapping[str, Any]) -> str:
        """
        Return the path with its parameters filled in and percent-encoded (RFC 3986 §2.1).

        Raises:
            KeyError: a parameter has no value.
        """
        return PARAMETER.sub(lambda name: encoded(values[name.group(1)]), self.path)

    def shown(self, values: Mapping[str, str]) -> str:
        """The path with the given values as they are, for comparing; others keep their names."""
        return PARAMETER.sub(lambda name: values.get(name[1], name[0]), self.path)

    def place(self, filled: str, actor: str) -> str:
        """
        Return the place of the resource that a filled path names, down to the last parameter.

        A path without parameters names a resource of its caller, such as `/users/me`: its place
        is that path for this actor only.
        """
        if "{" not in self:
            return f"{filled} of {actor}"
        # Counted from the end, so that a base path before the template does not matter.
        behind = self.rpartition("}")[2].count("/")
        return "/".join(filled.split("/")[: -behind or None])


def shape(template: str) -> str:
    """A path template without the names of its parameters, which callers never send."""
    return PARAMETER.sub("{}", template)


def encoded(value: Any) -> str:
    """A value as one percent-encoded path segment; different values give different segments."""
    return quote(id_text(value), safe="", errors="surrogatepass")


def id_text(value: Any) -> str:
    """
    The one text of an id, in paths, in `undo` lines and in the plan.

    Booleans, null, tables and lists are written as JSON writes them.
    """
    if isinstance(value, str):
        return value
    # A list joined by commas would name the thing of its only item.
    if isinstance(value, (bool, dict, list)) or value is None:
        return compact_json(value)
    return str(whole(value))


def whole(value: Any) -> Any:
    """
    A number without a fraction as an integer, any other value unchanged.

    42.0 is an integer (JSON Schema 2020-12 core, 4.2.2), and services expect the id 42 in a path.
    """
    # Above 2**53 a float is not exact, so its digits may be those of another id.
    exact = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return int(value) if exact else value


def misleads(value: Any) -> bool:
    """Whether a path value would change the path: empty, `.` or `..` (RFC 3986 §5.2.4)."""
    if value is None or value == "":
        return True
    return any(part in (".", "..") for part in re.split(r"[/\\]", str(value)))
