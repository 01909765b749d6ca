"""The lines of a record: whatever is secret in an exchange is masked, wherever it stands."""

import json
from pathlib import Path
from typing import Any

import pytest

from smoke.results.exchange import Exchange
from smoke.results.lines import BODY_SHOWN, Lines, cut
from smoke.results.secrets import Secrets

SECRET = 'of-the-owner-"0123"'
HEADERS = {"authorization": "Bearer a-token-of-the-owner", "accept": "*/*"}


def exchange(**more: Any) -> Exchange:
    plain: dict[str, Any] = {
        "check": "books.read", "actor": "owner", "operation": "GET /books", "method": "GET",
        "url": "http://127.0.0.1/books", "request_headers": HEADERS, "status": 200,
        "headers": {"content-type": "application/json"}, "body": b"[]",
    }  # fmt: skip
    return Exchange(number=1, started_s=0.0, **plain | more)


def written(tmp_path: Path, *secrets: str, **more: Any) -> str:
    """The line of an exchange as it stands in the file."""
    known = Secrets()
    for number, secret in enumerate(("a-token-of-the-owner", *secrets)):
        known.register(secret, f"SMOKE_{number}")
    lines = Lines(known, tmp_path / "run.jsonl")
    lines.exchange(exchange(**more))
    lines.close()
    return (tmp_path / "run.jsonl").read_text(encoding="utf-8")


PLACES: dict[str, dict[str, Any]] = {
    "url": {"url": f"http://127.0.0.1/?a={SECRET}"},
    "error": {"error": f"no answer: {SECRET}"},
    "remark": {"remark": SECRET},
    "credential": {"request_headers": {"authorization": f"Basic {SECRET}"}},
    "before the credential": {"request_headers": {"authorization": f"{SECRET} of-nobody"}},
    "header sent": {"request_headers": {"x-a": SECRET}},
    "name of a header": {"headers": {SECRET: "x"}},
    "header": {"headers": {"x-request-id": SECRET}},
    "request": {"request_body": json.dumps({"a": SECRET}).encode()},
    "answer": {"body": json.dumps([SECRET]).encode()},
    "answer that is cut": {"body": b"x" * (BODY_SHOWN - 9) + SECRET.encode() + b"y" * 99},
    "answer with a control character": {"body": f"\x1b[31m{SECRET}".encode()},
}


@pytest.mark.parametrize("place", PLACES)
def test_secret_is_masked_wherever_it_stands(place: str, tmp_path: Path) -> None:
    line = written(tmp_path, SECRET, **PLACES[place])
    assert "of-the-owner-" not in line
    assert "$SMOKE_1" in line


def test_word_of_ours_that_is_also_a_password_keeps_its_place(tmp_path: Path) -> None:
    known = Secrets()
    for word in ("failed", "viewer", "service", "books.read", "GET /books"):
        known.register(word, "SMOKE_SECRET")
    lines = Lines(known, tmp_path / "run.jsonl")
    fields = {"check": "books.read", "outcome": "failed", "cause": "service", "reason": "it failed"}
    lines.write("check", operations=["GET /books"], **fields)
    lines.exchange(exchange(actor="viewer"))
    lines.close()
    check, sent = map(json.loads, (tmp_path / "run.jsonl").read_text("utf-8").splitlines())
    assert check == {"kind": "check", "operations": ["GET /books"], **fields} | {
        "reason": "it $SMOKE_SECRET"
    }
    assert (sent["check"], sent["actor"], sent["operation"]) == (
        "books.read", "viewer", "GET /books",
    )  # fmt: skip


@pytest.mark.parametrize("last", ["\x1b", "\x00", "\u202e"])
def test_secret_with_a_character_that_is_replaced_is_masked(last: str, tmp_path: Path) -> None:
    line = written(tmp_path, f"opaque-0123{last}4567", body=f"<opaque-0123{last}4567>".encode())
    assert "opaque" not in line


def test_exchange_without_a_secret_is_written_as_one_with(tmp_path: Path) -> None:
    plain = json.loads(written(tmp_path))
    assert plain["request_headers"]["authorization"] == "Bearer $SMOKE_0"
    searched = json.loads(written(tmp_path, SECRET, error=SECRET))
    assert plain | {"error": "$SMOKE_1"} == searched


def test_what_json_does_not_know_becomes_text(tmp_path: Path) -> None:
    lines = Lines(Secrets(), tmp_path / "run.jsonl")
    lines.write("note", text=Path("a"), more={1: {2}, "headers": HEADERS.items()})
    lines.close()
    (line,) = (tmp_path / "run.jsonl").read_text().splitlines()
    assert json.loads(line)["text"] == "a"
    assert json.loads(line)["more"]["1"] == "{2}"


def test_expectation_is_written_with_the_line_after_it(tmp_path: Path) -> None:
    lines = Lines(Secrets(), tmp_path / "run.jsonl")
    kinds = []
    for kind in ("expectation", "check", "expectation"):
        lines.write(kind)
        kinds.append((tmp_path / "run.jsonl").read_text().count("kind"))
    lines.close()
    kinds.append((tmp_path / "run.jsonl").read_text().count("kind"))
    assert kinds == [0, 2, 2, 3]


def test_nothing_is_written_without_a_path_or_after_the_end(tmp_path: Path) -> None:
    Lines(Secrets(), None).exchange(exchange())
    lines = Lines(Secrets(), tmp_path / "run.jsonl")
    lines.close()
    lines.write("note", text="too late")
    lines.exchange(exchange())
    assert (tmp_path / "run.jsonl").read_text() == ""


def test_body_is_shortened_and_its_size_is_shown() -> None:
    assert cut("abcdef", 6, 6) == "abcdef"
    assert cut("abcdef", 6, 3) == "abc… (6 bytes in all)"
    assert cut("a\tb\x07", 4) == "a\tb\ufffd"
