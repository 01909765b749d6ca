"""Parse an OpenAPI document into plain data, or raise one error that lists every mistake."""

import posixpath
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from smoke.contract.pointers import escape
from smoke.contract.shape import mistakes
from smoke.contract.swagger import converted, is_swagger
from smoke.documents import TextError, parse_json, parse_yaml, visible
from smoke.errors import DataError

LITERAL_KEYS = frozenset({"example", "examples", "default", "enum", "const", "x-smoke"})
# Keys whose members have names of the author's choice: `default` is not a keyword there.
NAME_KEYS = frozenset({"properties", "patternProperties", "responses", "schemas", "$defs"})

MAX_MISTAKES = 20
MAX_SHOWN = 60
# Other formats that users pass by mistake, by the field that identifies each.
OTHERS = {"swagger": "Swagger", "asyncapi": "AsyncAPI", "arazzo": "Arazzo", "raml": "RAML"}


def parse(text: str, source: str) -> dict[str, Any]:
    """
    The document of a JSON or YAML text; names and dates are texts. Swagger 2.0 becomes 3.0.

    Raises:
        DataError: it is neither JSON nor YAML, or not an object.
    """
    # The text decides, not the name: URLs rarely have an ending.
    start = text.lstrip()[:1]
    try:
        # Gateways and login pages answer with HTML: this message is clearer than a YAML error.
        if start == "<":
            raise TextError("this is HTML or XML; an OpenAPI document is JSON or YAML")
        document = parse_json(text) if start in {"{", "["} else parse_yaml(text)
    except TextError as error:
        raise DataError(f"{source}:{error.place}: {error.problem}.") from None
    if not isinstance(document, dict):
        found = "this is another value" if start else "this is empty"
        raise DataError(f"{source}:1: an OpenAPI document is an object; {found}.")
    return converted(document) if is_swagger(document) else document


def check(document: dict[str, Any], source: str) -> None:
    """
    Refuse a document that this engine cannot use; one error reports all mistakes.

    Raises:
        DataError: each line names the file, the JSON pointer and the expected value.
    """
    check_version(document, source)
    wrong = list(mistakes(document))
    if wrong:
        more = len(wrong) - MAX_MISTAKES
        shown = wrong[:MAX_MISTAKES]
        lines = [f"{source}#{visible(pointer)}: {problem}" for pointer, problem in shown]
        raise DataError("\n".join(lines + ([f"… and {more} more."] if more > 0 else [])))


def check_version(document: dict[str, Any], source: str) -> None:
    """
    Refuse a document of another format or of an unsupported version.

    Raises:
        DataError: it names the format found, and the supported versions.
    """
    version = document.get("openapi")
    if isinstance(version, str) and re.match(r"3\.[012](\.|$)", version):
        return
    found = "there is no 'openapi' field"
    if "openapi" in document:
        found = f"openapi is {_short(version)}"
    # A document of another format may have an `openapi` field as well.
    for other, name in OTHERS.items():
        if other in document:
            found = f"this is {name} {_short(document[other])}"
    known = "Swagger 2.0 and OpenAPI 3.0.x, 3.1.x and 3.2.x are supported"
    raise DataError(f"{source}#/openapi: {found}; {known}. Convert it first.")


def _short(value: Any) -> str:
    return repr(value)[:MAX_SHOWN]


def references(document: Any) -> Iterator[tuple[str, str]]:
    """
    Every `$ref` below a value with its place; in a literal such as an example, `$ref` is data.
    """
    # A stack instead of recursion, since documents can nest deeply.
    stack: list[tuple[str, Any, bool]] = [("", document, False)]
    while stack:
        pointer, node, names = stack.pop()
        if isinstance(node, list):
            stack.extend((f"{pointer}/{i}", item, False) for i, item in enumerate(node))
        elif isinstance(node, dict):
            ref = node.get("$ref")
            if isinstance(ref, str) and not names:
                yield pointer, ref
            for key, value in node.items():
                if isinstance(value, (dict, list)) and (names or key not in LITERAL_KEYS):
                    inside = key in NAME_KEYS and not names
                    stack.append((f"{pointer}/{escape(key)}", value, inside))


# The key under which a document keeps its bundled files.
FILES = "x-files"

# A limit for documents that refer to each other without end, such as generated ones.
MOST_FILES = 500


# Only files below the contract's own directory are read. Each is read once and is part of the
# contract's digest: changing it makes a plan stale, as changing the contract does.
def bundled(
    document: dict[str, Any], name: str, read: Callable[[str], str], source: str
) -> dict[str, Any]:
    """
    The document with every file that it refers to, and its references rewritten.

    `name` is the contract's own file name; `read` returns the text of a file by its path below
    the contract's directory.

    Raises:
        DataError: a file cannot be read, lies outside the directory, or there are too many.
    """
    bundle = _Bundle(name, read, source)
    new = bundle.rewritten(document, "", root=True)
    bundle.read_all()
    return {**new, FILES: bundle.files} if bundle.files else document


class _Bundle:
    def __init__(self, name: str, read: Callable[[str], str], source: str) -> None:
        self.files: dict[str, Any] = {}
        self._name = name
        self._read = read
        self._source = source
        self._todo: list[str] = []

    def read_all(self) -> None:
        """Read the files found so far, and the files that they refer to."""
        while self._todo:
            path = self._todo.pop(0)
            directory = posixpath.dirname(self._source)
            place = f"{directory}/{path}" if directory else path
            content = parse(self._read(path), place)
            self.files[path] = self.rewritten(content, path)

    def rewritten(self, node: Any, path: str, *, root: bool = False) -> Any:
        """A value of a file with its references pointing into the bundle."""
        if isinstance(node, list):
            return [self.rewritten(item, path) for item in node]
        if not isinstance(node, dict):
            return node
        found = {
            key: value if key in LITERAL_KEYS and not root else self.rewritten(value, path)
            for key, value in node.items()
        }
        if isinstance(node.get("$ref"), str):
            found["$ref"] = self._moved(node["$ref"], path)
        return found

    def _moved(self, reference: str, path: str) -> str:
        address, _, fragment = reference.partition("#")
        if not address:
            return f"#/{FILES}/{escape(path)}{fragment}" if path else reference
        parts = urlsplit(address)
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(parts.path)))
        outside = parts.scheme or parts.netloc or target.startswith(("/", ".."))
        if outside:
            # Left as it is: the check of the document reports it with its place and advice.
            return reference
        # A file may refer back to the contract itself.
        if target == self._name:
            return f"#{fragment}"
        if target not in self.files and target not in self._todo:
            if len(self.files) + len(self._todo) >= MOST_FILES:
                raise DataError(f"{self._source}: it refers to more than {MOST_FILES} files.")
            self._todo.append(target)
        return f"#/{FILES}/{escape(target)}{fragment}"


def is_schema(value: Any) -> bool:
    """Whether the top level of a bundled file is a schema, judging by its keywords."""
    if not isinstance(value, dict) or not {"in", "content", "responses"}.isdisjoint(value):
        return False
    return not {"type", "properties", "allOf", "anyOf", "oneOf", "enum", "items"}.isdisjoint(value)
