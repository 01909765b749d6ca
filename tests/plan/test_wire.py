"""Wire: values as they go into queries and bodies."""

from typing import Any

import pytest

from smoke.contract import Parameter
from smoke.plan.wire import Body, query_values, text_of, wire_body


def parameter(
    style: str = "form", explode: bool = True, media_type: str | None = None
) -> Parameter:
    return Parameter("p", "query", True, {}, "", (), style, explode, media_type)


@pytest.mark.parametrize(
    ("style", "explode", "value", "written"),
    [
        ("form", True, 1, {"p": 1}),
        ("form", True, [1, 2], {"p": [1, 2]}),
        ("form", False, [1, "a"], {"p": "1,a"}),
        ("spaceDelimited", False, ["a", "b"], {"p": "a b"}),
        ("pipeDelimited", False, ["a", "b"], {"p": "a|b"}),
        ("form", True, {"a": 1, "b": 2}, {"a": 1, "b": 2}),
        ("form", False, {"a": 1}, {"p": "a,1"}),
        ("deepObject", True, {"a": 1}, {"p[a]": 1}),
        (
            "form",
            False,
            [{"$from": "run.id"}, "b"],
            {"p": {"$text": [{"$from": "run.id"}, ",", "b"]}},
        ),
        ("form", True, {"$from": "run.id"}, {"p": {"$from": "run.id"}}),
    ],
)
def test_query_is_written_in_its_style(
    style: str, explode: bool, value: Any, written: dict[str, Any]
) -> None:
    assert query_values(parameter(style, explode), value) == written


def test_parameter_with_a_media_type_is_json() -> None:
    found = query_values(parameter(media_type="application/json"), {"a": [1]})
    assert found == {"p": '{"a":[1]}'}


def test_json_is_left_to_the_client_unless_its_type_is_special() -> None:
    assert wire_body("application/json", {"a": 1}) == Body({"a": 1}, has_json=True)
    patch = wire_body("application/merge-patch+json", {"a": "ä"})
    assert (patch.content, patch.media_type) == (
        '{"a":"ä"}'.encode(),
        "application/merge-patch+json",
    )
    assert wire_body("application/json", None).content == b"null"


def test_form_fields_are_texts() -> None:
    body = wire_body(
        "application/x-www-form-urlencoded",
        {"a": 1, "b": True, "c": [1, "x"], "d": None, "e": {"f": 1}},
    )
    assert body.form == {"a": "1", "b": "true", "c": ["1", "x"], "e": '{"f":1}'}


def test_parts_of_a_multipart_form_are_files_or_fields() -> None:
    file = {"$file": {"name": "a.txt", "type": "text/plain", "text": "hi"}}
    many = [file, file]
    body = wire_body("multipart/form-data", {"f": file, "many": many, "n": 3, "o": {"a": 1}})
    assert body.files == (
        ("f", ("a.txt", b"hi", "text/plain")),
        ("many", ("a.txt", b"hi", "text/plain")),
        ("many", ("a.txt", b"hi", "text/plain")),
        ("n", (None, b"3", None)),
        ("o", (None, b'{"a":1}', "application/json")),
    )


def test_bytes_and_text_are_sent_as_they_are() -> None:
    file = {"$file": {"name": "a", "type": "image/png", "base64": "aGk="}}
    assert wire_body("image/png", file) == Body(content=b"hi", media_type="image/png")
    assert wire_body("text/plain", "hi").content == b"hi"


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), (1, "1"), (1.5, "1.5"), (True, "true"), (None, "null"), ([1, "b"], "1,b")],
)
def test_single_values_as_text(value: Any, text: str) -> None:
    assert text_of(value) == text
