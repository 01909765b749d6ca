"""The shape of the rules file, as JSON Schema: the reader obeys it and editors complete from it."""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string"}
NAME = {"type": "string", "minLength": 1}
POINTER = {"type": "string", "pattern": "^(/.*)?$", "description": "A JSON pointer (RFC 6901)."}
STATUS = {"type": "integer", "minimum": 100, "maximum": 599}
STATUSES = {"type": "array", "items": STATUS, "minItems": 1, "uniqueItems": True}
OPERATION = {
    "type": "string",
    "pattern": "^[A-Z]+ /",
    "description": "An operation: METHOD /path/{template}.",
}
OPERATIONS = {
    "description": "One operation, a glob, tag:<name>, or a list of them.",
    "anyOf": [NAME, {"type": "array", "items": NAME, "minItems": 1, "uniqueItems": True}],
}
VALUES = {
    "type": "object",
    "description": "Values by name; see the section on values in the documentation.",
}
TARGETS = {"type": "array", "items": NAME, "minItems": 1}
REFUSAL = {
    "description": "The statuses that count as a refusal, or 'allowed' where none is expected.",
    "anyOf": [STATUSES, {"const": "allowed"}],
}


def table(
    description: str, properties: dict[str, Any], required: tuple[str, ...] = ()
) -> dict[str, Any]:
    """A table whose keys are all known."""
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


CALL = table(
    "An operation with its values.",
    {
        "operation": OPERATION,
        "actor": NAME,
        "path": VALUES,
        "query": VALUES,
        "headers": VALUES,
        "body": {},
    },
    ("operation",),
)

EXCEPT = table(
    "Why the operation is not sent.",
    {"reason": NAME, "link": TEXT, "targets": TARGETS},
    ("reason",),
)

STREAM = table(
    "Where reading a body that may be endless stops.",
    {
        "events": {"type": "integer", "minimum": 0},
        "bytes": {"type": "integer", "minimum": 0},
        "time_s": {"type": "number", "exclusiveMinimum": 0},
    },
)

THEN = table(
    "Bytes that are sent to a URL of the answer, such as a presigned one.",
    {"url": POINTER, "method": POINTER, "headers": POINTER, "text": TEXT},
    ("url", "text"),
)

RULE_KEYS: dict[str, Any] = {
    "as": NAME | {"description": "A name: the rule adds a request instead of shaping one."},
    "actor": NAME | {"description": "Who calls: an actor, or anonymous."},
    "gate": NAME | {"description": "The gate that must be on."},
    "path": VALUES,
    "query": VALUES,
    "headers": VALUES,
    "body": {"description": "Merged into the body, deeply; a list or a text replaces it."},
    "media_type": NAME | {"description": "Which documented media type the body has."},
    "expect": STATUSES | {"description": "The statuses that count as success."},
    "except": EXCEPT,
    "creates": POINTER | {"description": "Where the answer has the id of what was made."},
    "destroys": {"type": "boolean", "description": "Whether it takes something away."},
    "ends_session": {"type": "boolean", "description": "Whether it ends its caller's session."},
    "after": {"type": "array", "items": NAME, "description": "What must have succeeded before."},
    "victim": NAME | {"description": "The operation that makes a throw-away thing to destroy."},
    "stream": STREAM,
    "then": THEN,
    "optional": {"type": "boolean", "description": "It may match nothing."},
    "anonymous": REFUSAL,
    "outsider": REFUSAL,
}

RULE = table(
    "What one or more operations need.", {"operation": OPERATIONS} | RULE_KEYS, ("operation",)
)
X_SMOKE = table("A rule inside the contract, for the operation it stands in.", RULE_KEYS)

KNOWN = table(
    "A known defect: still sent, shown as known, red when it works again or has expired.",
    {
        "operation": OPERATIONS,
        "kind": {"enum": ["behaviour", "shape", "format"]},
        "status": {"anyOf": [STATUS, STATUSES]},
        "targets": TARGETS,
        "reason": NAME,
        "link": TEXT,
        "expires": {"type": "string", "format": "date"},
        "intermittent": {"type": "boolean"},
        "optional": {"type": "boolean"},
    },
    ("operation", "kind", "reason", "link", "expires"),
)

TOKEN = table(
    "How access tokens are verified.",
    {
        "jwks": {"type": "string", "pattern": "^/"},
        "algorithms": {"type": "array", "items": NAME, "minItems": 1},
        "issuer": NAME,
        "audience": NAME,
        "leeway_s": {"type": "number", "minimum": 0},
    },
    ("jwks", "algorithms"),
)

LOGIN = table(
    "How an actor proves who it is.",
    {
        "kind": {"enum": ["session", "key", "none"]},
        "operation": OPERATION,
        "body": {},
        "access": POINTER,
        "refresh": POINTER,
        "expires": POINTER,
        "kid": POINTER,
        "scheme": NAME | {"description": "The security scheme of the contract for a key."},
        "renew": CALL,
        "end": CALL,
        "token": TOKEN,
    },
)

SEED = table(
    "The request that makes the world.",
    {
        "operation": OPERATION,
        "absent": STATUSES,
        "setting": NAME,
        "tenant": NAME,
        "body": {},
        "cleanup": {"type": "array", "items": CALL},
    },
    ("operation",),
)

ACTOR = table(
    "Who calls.",
    {
        "email": NAME,
        "tenant": NAME,
        "user_id": POINTER,
        "tenant_id": POINTER,
        "key": NAME | {"description": "The environment variable that holds its API key."},
    },
)

SECTIONS: dict[str, Any] = {
    "ready": table("What answers when the service is ready.", {"operation": OPERATION}),
    "live": table(
        "Where the service shows its own contract.",
        {"document": {"type": "string", "pattern": "^/", "description": "A path."}},
        ("document",),
    ),
    "login": LOGIN,
    "seed": SEED,
    "world": {
        "type": "object",
        "description": "Names of things in the seeding answer.",
        "properties": {
            "made": {
                "type": "object",
                "description": "The same, for what was seeded for this run alone.",
                "additionalProperties": POINTER,
            }
        },
        "additionalProperties": POINTER,
    },
    "actors": {"type": "object", "additionalProperties": ACTOR},
    "samples": {
        "type": "object",
        "description": "Values by field name, taken where the schema accepts them.",
    },
    "rule": {"type": "array", "items": RULE},
    "known": {"type": "array", "items": KNOWN},
}


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the rules file, for editors; the committed copy equals it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rules of a smoke run",
        "type": "object",
        "properties": SECTIONS,
        "additionalProperties": False,
    }
