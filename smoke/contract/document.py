"""An OpenAPI document as text becomes plain data here, or one error that names every mistake."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from smoke.contract.pointers import escape, local, lookup
from smoke.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
LOCATIONS = ("path", "query", "header", "cookie")
LITERAL_KEYS = frozenset({"example", "examples", "default", "enum", "const", "x-smoke"})
NAME_KEYS = frozenset({"properties", "patternProperties", "responses", "schemas", "$defs"})
"""Keys whose members are called as the author likes: `default` is then no keyword."""

MAX_MISTAKES = 20


def parse(text: str, source: str) -> dict[str, Any]:
    """
    The document of a JSON or YAML text, keys as strings, dates as text.

    Raises:
        DataError: it is neither, or not an object.
    """
    looks_like_json = text.lstrip().startswith(("{", "["))
    document = _parse_json(text, source) if looks_like_json else _parse_yaml(text, source)
    if not isinstance(document, dict):
        raise DataError(f"{source}:1: an OpenAPI document is an object; this is none.")
    return document


def _parse_json(text: str, source: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"{source}:{error.lineno}"
        raise DataError(f"{where}: not JSON: {error.msg}. Export the document again.") from None
    except RecursionError:
        raise DataError(f"{source}:1: nested too deeply to be an OpenAPI document.") from None


def _parse_yaml(text: str, source: str) -> Any:
    import yaml  # only needed for documents that are not JSON

    try:
        return _textual(yaml.load(text, Loader=_yaml_loader()))  # noqa: S506  # a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "unreadable"
        raise DataError(f"{source}:{line}: neither JSON nor YAML: {problem}.") from None
    except RecursionError:
        raise DataError(f"{source}:1: an anchor of this YAML contains itself.") from None


def _yaml_loader() -> Any:
    """YAML 1.1 reads `no` as false and 2024-01-01 as a date; OpenAPI wants JSON's types only."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    tags = {"tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"}
    resolvers = {
        first: [(tag, pattern) for tag, pattern in rows if tag not in tags]
        for first, rows in base.yaml_implicit_resolvers.items()
    }
    loader: Any = type("JsonLoader", (base,), {"yaml_implicit_resolvers": resolvers})
    truth = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
    loader.add_implicit_resolver("tag:yaml.org,2002:bool", truth, list("tTfF"))
    return loader


def _textual(node: Any) -> Any:
    """YAML keys such as 200 become the text JSON would have."""
    if isinstance(node, dict):
        return {str(key): _textual(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_textual(item) for item in node]
    return node


def digest(document: dict[str, Any]) -> str:
    """The sha256 of the document as canonical JSON; order of keys and layout do not count."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def check(document: dict[str, Any], source: str) -> None:
    """
    A document that this engine cannot work with is refused, all its mistakes in one error.

    Raises:
        DataError: each line names the file, the JSON pointer and what is expected there.
    """
    _check_version(document, source)
    mistakes = [*_wrong_paths(document), *_wrong_components(document), *_broken_refs(document)]
    if mistakes:
        more = len(mistakes) - MAX_MISTAKES
        lines = [f"{source}#{pointer}: {problem}" for pointer, problem in mistakes[:MAX_MISTAKES]]
        raise DataError("\n".join(lines + ([f"… and {more} more."] if more > 0 else [])))


def _check_version(document: dict[str, Any], source: str) -> None:
    version = document.get("openapi")
    if isinstance(version, str) and re.match(r"3\.[01](\.|$)", version):
        return
    found = f"openapi is {version!r}" if "openapi" in document else "there is no 'openapi' field"
    if "swagger" in document:
        found = f"this is Swagger {document['swagger']!r}"
    raise DataError(f"{source}#/openapi: {found}; 3.0.x and 3.1.x can be read. Convert it first.")


def _wrong_paths(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    paths = document.get("paths", {})
    if not isinstance(paths, dict):
        yield "/paths", "an object of path items is expected."
        return
    for path, item in paths.items():
        pointer = f"/paths/{escape(path)}"
        if path.startswith("x-"):
            continue
        if not path.startswith("/"):
            yield pointer, f"a path starts with '/', this is {path!r}."
        elif not isinstance(item, dict):
            yield pointer, "an object with methods is expected."
        else:
            yield from _wrong_item(pointer, item)


def _wrong_item(pointer: str, item: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _wrong_parameters(pointer, item)
    for method in METHODS:
        if method not in item:
            continue
        operation = item[method]
        if not isinstance(operation, dict):
            yield f"{pointer}/{method}", "an operation object is expected."
            continue
        yield from _wrong_parameters(f"{pointer}/{method}", operation)
        yield from _wrong_responses(f"{pointer}/{method}", operation)
        for key in ("security", "tags"):
            if not isinstance(operation.get(key, []), list):
                yield f"{pointer}/{method}/{key}", "a list is expected."


def _wrong_parameters(pointer: str, holder: dict[str, Any]) -> Iterator[tuple[str, str]]:
    parameters = holder.get("parameters", [])
    if not isinstance(parameters, list):
        yield f"{pointer}/parameters", "a list is expected."
        return
    for index, parameter in enumerate(parameters):
        here = f"{pointer}/parameters/{index}"
        if not isinstance(parameter, dict):
            yield here, "a parameter object is expected."
        elif "$ref" not in parameter:
            yield from ((here, problem) for problem in _parameter_problems(parameter))


def _parameter_problems(parameter: dict[str, Any]) -> Iterator[str]:
    if not isinstance(parameter.get("name"), str):
        yield "a parameter needs a 'name'."
    if parameter.get("in") not in LOCATIONS:
        yield f"'in' is {parameter.get('in')!r}; {', '.join(LOCATIONS)} are allowed."


def _wrong_responses(pointer: str, operation: dict[str, Any]) -> Iterator[tuple[str, str]]:
    responses = operation.get("responses", {})
    if not isinstance(responses, dict):
        yield f"{pointer}/responses", "an object from status to response is expected."
        return
    for status, response in responses.items():
        here = f"{pointer}/responses/{escape(status)}"
        if not re.fullmatch(r"[1-5](\d\d|XX)|default|x-.*", status):
            yield here, f"{status!r} is no status; 200, '2XX' or 'default' are."
        elif not isinstance(response, dict) and not status.startswith("x-"):
            yield here, "a response object is expected."


def _wrong_components(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    components = document.get("components", {})
    if not isinstance(components, dict):
        yield "/components", "an object is expected."
        return
    for section, members in components.items():
        if not section.startswith("x-") and not isinstance(members, dict):
            yield f"/components/{escape(section)}", "an object is expected."
    parameters = components.get("parameters", {})
    for name, parameter in parameters.items() if isinstance(parameters, dict) else ():
        here = f"/components/parameters/{escape(name)}"
        if not isinstance(parameter, dict):
            yield here, "a parameter object is expected."
        elif "$ref" not in parameter:
            yield from ((here, problem) for problem in _parameter_problems(parameter))


def _broken_refs(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    known: dict[str, str] = {}
    for pointer, ref in references(document):
        if ref not in known:
            known[ref] = _ref_problem(document, ref)
        if known[ref]:
            yield pointer, known[ref]


def _ref_problem(document: dict[str, Any], ref: str) -> str:
    if not ref.startswith("#"):
        return f"$ref {ref!r} leaves the document. Bundle it into one file first."
    seen, target = {ref}, ref
    try:
        while isinstance(node := lookup(document, local(target)), dict) and "$ref" in node:
            target = str(node["$ref"])
            if target in seen:
                return f"$ref {ref!r} goes round in a circle."
            seen.add(target)
    except LookupError:
        return f"$ref {ref!r} points at nothing."
    return ""


def references(document: Any) -> Iterator[tuple[str, str]]:
    """
    Every `$ref` below a value with its place; literal values such as examples have none.

    A stack instead of recursion, since documents can nest deeply.
    """
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
