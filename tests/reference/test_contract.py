"""The service documents itself as the committed contract does, which is the real service's."""

import json
from typing import Any

from smoke.reference.__main__ import openapi_text
from smoke.reference.schemas import CONTRACT
from smoke.reference.web import document

METHODS = {"get", "put", "post", "delete", "patch"}


def test_the_served_document_is_the_committed_contract() -> None:
    assert openapi_text() == CONTRACT.read_text()


def test_every_operation_of_the_contract_is_served() -> None:
    served = json.loads(openapi_text())["paths"]
    operations = [method for item in served.values() for method in item if method in METHODS]
    assert len(operations) == 168


def test_only_texts_are_taken_from_the_contract() -> None:
    own = {"title": "Own", "type": "object", "properties": {"title": {"type": "string"}}}
    contract = {
        "description": "A thing.",
        "type": "array",
        "properties": {"title": {"type": "integer", "title": "Its title"}},
    }
    worded: dict[str, Any] = document.worded(own, contract)
    assert worded == {
        "description": "A thing.",
        "type": "object",
        "properties": {"title": {"type": "string", "title": "Its title"}},
    }
