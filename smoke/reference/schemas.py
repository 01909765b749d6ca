"""Requests and answers: models built from the contract's schemas, each when it is first named.

`schemas.TenantAccountResponse` is the model of `#/components/schemas/TenantAccountResponse`. What a
schema cannot say is in `_CHECKS`.
"""

import json
from datetime import date, datetime
from enum import StrEnum
from functools import cache, lru_cache, reduce
from operator import or_
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    AnyUrl,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    WithJsonSchema,
    create_model,
    validate_email,
)

from .security.passwords import require_strong

CONTRACT = Path(__file__).parents[2] / "openapi" / "api-service.json"
Schema = dict[str, Any]

# Answers show the same few addresses again and again.
_checked_email = lru_cache(maxsize=4096)(lambda text: validate_email(text)[1])
_NAMED = "#/components/schemas/"
_TEXTS: dict[str, Any] = {
    "date": date,
    "date-time": datetime,
    "email": Annotated[
        str, AfterValidator(_checked_email), WithJsonSchema({"type": "string", "format": "email"})
    ],
    "uri": AnyUrl,
    "uuid": UUID,
}
_PLAIN: dict[str, Any] = {"boolean": bool, "integer": int, "null": None, "number": float}
_LIMITS = {
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
}


def _require_acceptance(accepts: bool) -> bool:
    if not accepts:
        raise ValueError("The terms must be accepted.")
    return accepts


_STRONG = AfterValidator(require_strong)
_ACCEPTED = AfterValidator(_require_acceptance)
# What the fields of some models must satisfy besides their schemas.
_CHECKS = {
    ("PasswordChangeRequest", "new_password"): _STRONG,
    ("PasswordResetConfirmRequest", "new_password"): _STRONG,
    ("PasswordResetRequest", "new_password"): _STRONG,
    ("SignupRequestPublicRequest", "accept_terms"): _ACCEPTED,
    ("TeamInviteAcceptRequest", "password"): _STRONG,
    ("UserRegisterRequest", "accept_terms"): _ACCEPTED,
    ("UserRegisterRequest", "password"): _STRONG,
}


def __getattr__(name: str) -> Any:
    """Return the model of a schema of the contract."""
    if name not in _components():
        raise AttributeError(f"The contract has no schema {name!r}.")
    return _named(name)


@cache
def _components() -> dict[str, Schema]:
    components: dict[str, Schema] = json.loads(CONTRACT.read_bytes())["components"]["schemas"]
    return components


@cache
def _named(name: str) -> Any:
    """Return the model, or the enumeration, of a schema."""
    schema = _components()[name]
    if "enum" in schema:
        return StrEnum(name, {value.upper(): value for value in schema["enum"]})
    if "anyOf" in schema:
        root: Any = RootModel[_type_of(schema)]  # type: ignore[misc]  # a type made at run time
        return create_model(name, __base__=root, __module__=__name__)
    closed = schema.get("additionalProperties") is False
    config = ConfigDict(extra="forbid" if closed else "ignore", populate_by_name=True)
    properties, required = schema.get("properties", {}), schema.get("required", [])
    fields: dict[str, Any] = {
        _attribute(key): _field(name, key, properties[key], is_required=key in required)
        for key in dict.fromkeys([*required, *properties])
    }
    return create_model(name, __config__=config, __module__=__name__, **fields)


def _attribute(key: str) -> str:
    """Return the attribute of a property, which must not hide one of pydantic's."""
    return f"{key}_" if hasattr(BaseModel, key) else key


def _field(name: str, key: str, schema: Schema, *, is_required: bool) -> tuple[Any, Any]:
    kind = _type_of(schema)
    if check := _CHECKS.get((name, key)):
        kind = Annotated[kind, check]
    options: dict[str, Any] = {"alias": key} if hasattr(BaseModel, key) else {}
    if is_required:
        # Some properties are required although the contract names a default.
        extra = {"default": schema["default"]} if "default" in schema else None
        return kind, Field(json_schema_extra=extra, **options)
    if "default" in schema:
        # Only an enumeration is not yet the value that code compares.
        return kind, Field(schema["default"], validate_default="$ref" in schema, **options)
    return kind, Field(default_factory=_empty(schema), **options)


def _empty(schema: Schema) -> Any:
    """Return what makes the value of a property that is missing and has no default."""
    if "$ref" in schema:
        return _type_of(schema)
    return {"array": list, "object": dict}.get(schema.get("type", ""), type(None))


def _type_of(schema: Schema) -> Any:
    """Return the Python type of a schema, with its limits."""
    kind = _unlimited(schema)
    limits = {own: schema[key] for key, own in _LIMITS.items() if key in schema}
    return Annotated[kind, Field(**limits)] if limits else kind


def _unlimited(schema: Schema) -> Any:
    match schema:
        case {"$ref": name}:
            return _named(name.removeprefix(_NAMED))
        case {"anyOf": kinds}:
            return reduce(or_, map(_type_of, kinds))
        case {"const": value}:
            return Literal[value]
        case {"enum": values}:
            return Literal[tuple(values)]
        case {"type": "string"}:
            return _TEXTS.get(schema.get("format", ""), str)
        case {"type": "array", "items": items}:
            return list[_type_of(items)]  # type: ignore[misc]  # a type made at run time
        case {"type": "object"}:
            return _mapping(schema.get("additionalProperties"))
        case {"type": kind}:
            return _PLAIN[kind]
    return Any


def _mapping(values: Any) -> Any:
    """Return the type of an object with any names, and values of one schema."""
    if values is None:
        # Without "additionalProperties", as in the contract.
        return Annotated[dict[str, Any], WithJsonSchema({"type": "object"})]
    return dict[str, Any if values is True else _type_of(values)]  # type: ignore[misc]  # as above
