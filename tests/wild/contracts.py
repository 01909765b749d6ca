"""How the contracts of these tests are written."""

from typing import TYPE_CHECKING, Any

from smoke.config.rules import parse
from smoke.contract import Contract
from smoke.plan import FilledRequest, Pool
from smoke.plan.build.builder import build
from tests.planning import SEND

if TYPE_CHECKING:
    from smoke.plan import Plan

TEXT = {"type": "string"}
ACTOR = "[actors.owner]\n"


def document(paths: dict[str, Any], version: str = "3.1.0", **more: Any) -> dict[str, Any]:
    """A document; `more` are its other fields."""
    return {"openapi": version, "info": {"title": "wild", "version": "1"}, "paths": paths, **more}


def planned(found: dict[str, Any], rules: str = ACTOR) -> "Plan":
    """The plan of a document, with the decision to send every request."""
    return build(Contract(found, "wild.json"), parse(f"{rules}\n{SEND}", "rules.toml"))


def required(name: str, location: str, schema: Any = None, **more: Any) -> dict[str, Any]:
    """A required parameter."""
    kind = {} if "content" in more else {"schema": TEXT if schema is None else schema}
    return {"name": name, "in": location, "required": True, **kind, **more}


def taking(media_type: str, schema: Any = None, **more: Any) -> dict[str, Any]:
    """An operation with a body in one media type; `more` are the media type's other fields."""
    media = more if schema is None else {"schema": schema, **more}
    return {
        "requestBody": {"required": True, "content": {media_type: media}},
        "responses": {"201": {"description": "made"}},
    }


def having(*names: str) -> dict[str, Any]:
    """The schema of an object with texts."""
    properties = dict.fromkeys(names, TEXT)
    return {"type": "object", "required": list(names), "properties": properties}


def ref(name: str) -> dict[str, str]:
    """A reference to a schema of the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def sent(plan: "Plan", name: str) -> FilledRequest:
    """The request of an entry that uses no values of other answers."""
    entry = plan.by_name[name]
    assert entry.problem is None, entry.problem
    filled = Pool("0a1b2c3d").fill(entry)
    assert isinstance(filled, FilledRequest), filled
    return filled
