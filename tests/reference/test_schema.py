"""
The tables that the service creates are those of its models.
"""

from smoke.reference.database import SCHEMA

from .schema import schema_of_models


def test_the_schema_is_that_of_the_models() -> None:
    expected = schema_of_models()
    assert SCHEMA.read_text(encoding="utf-8") == expected, "run python -m tests.reference.schema"
