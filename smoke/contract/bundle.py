"""
Bundling: the files that a contract refers to become parts of its document.

Only files below the contract's own directory are read. Each is read once and is part of the
contract's digest: changing it makes a plan stale, as changing the contract does.
"""

import posixpath
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

from smoke.contract.document import LITERAL_KEYS, parse
from smoke.contract.pointers import escape
from smoke.errors import DataError

# The key under which a document keeps its bundled files.
FILES = "x-files"

# A limit for documents that refer to each other without end, such as generated ones.
MOST_FILES = 500


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
