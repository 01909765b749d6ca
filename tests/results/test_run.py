"""The record of a run: every line as the schema message, masked, and there after a kill."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from smoke import results
from smoke.errors import DataError
from smoke.results.record_reader import gather, read
from smoke.results.run import Run
from smoke.results.secrets import Secrets
from tests.results.records import begun, ended, green, passed, red, sent

SCHEMA: dict[str, Any] = json.loads(
    (Path(results.__file__).parent / "run.schema.json").read_text(encoding="utf-8")
)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_schema_is_a_schema() -> None:
    jsonschema_rs.meta.validate(SCHEMA)


@pytest.mark.parametrize("make", [green, red])
def test_every_line_is_as_the_schema_says(make: Any, tmp_path: Path) -> None:
    make(tmp_path)
    validator = jsonschema_rs.validator_for(SCHEMA, validate_formats=True)
    found = lines(tmp_path / "local" / "run.jsonl")
    assert [error.message for line in found for error in validator.iter_errors(line)] == []
    assert found[0]["kind"] == "run"
    assert found[-1]["kind"] == "verdict"


def test_schema_refuses_what_it_does_not_know() -> None:
    validator = jsonschema_rs.validator_for(SCHEMA)
    assert not validator.is_valid({"kind": "note", "text": "x", "more": 1})
    assert not validator.is_valid({"kind": "unheard of"})


def test_secret_is_masked_in_the_answer_that_hands_it_out(tmp_path: Path) -> None:
    run = begun(tmp_path / "run.jsonl")
    sent(run, "POST /login", body=b'{"access_token": "aW4tdGhlLWFuc3dlcg-4711"}')
    run.close()
    assert "aW4tdGhlLWFuc3dlcg-4711" not in (tmp_path / "run.jsonl").read_text()
    assert "$SMOKE_SECRET_OWNER_ACCESS_TOKEN" in (tmp_path / "run.jsonl").read_text()


def test_body_is_cut_after_it_is_masked() -> None:
    run = Run("t", Secrets())
    run.secrets.register("s" * 500, "SMOKE_TOKEN_LONG")
    text = run.shorten(b"x" * 1900 + b"s" * 500 + b"y" * 9000)
    assert text.startswith("x" * 1900 + "$SMOKE_TOKEN_LONG" + "y")
    assert text.endswith("… (11400 bytes in all)")
    assert "sss" not in text


def test_secret_cut_in_two_by_the_reading_is_not_half_shown() -> None:
    run = Run("t", Secrets())
    secret = "k" * 400
    run.secrets.register(secret, "SMOKE_TOKEN_LONG")
    shown = run.shorten((secret * 200).encode())
    assert "kkk" not in shown


def test_control_characters_of_a_body_are_shown_not_obeyed() -> None:
    shown = Run("t", Secrets()).shorten("a\x1b[31mb\u202ec\nd".encode())
    assert shown == "a\ufffd[31mb\ufffdc\nd"


def test_first_answer_tells_where_and_which_version(tmp_path: Path) -> None:
    run = begun(tmp_path / "run.jsonl")
    sent(run, body=b'{"version": "2.1.0"}')
    sent(run, body=b'{"version": "not this"}')
    run.close()
    service = [line for line in lines(tmp_path / "run.jsonl") if line["kind"] == "service"]
    assert service == [{"kind": "service", "url": "http://127.0.0.1:8000", "version": "2.1.0"}]


def test_green_record_is_put_aside_by_the_next_run(tmp_path: Path) -> None:
    first = green(tmp_path)
    red(tmp_path)
    assert read(tmp_path / "local" / "green.jsonl").header["id"] == first.header["id"]
    last = green(tmp_path)
    assert read(tmp_path / "local" / "green.jsonl").header["id"] == first.header["id"]
    begun(tmp_path / "local" / "run.jsonl").close()
    assert read(tmp_path / "local" / "green.jsonl").header["id"] == last.header["id"]


def test_killed_run_leaves_what_it_saw(tmp_path: Path) -> None:
    program = (
        "import os, sys, pathlib\n"
        "from tests.results.records import begun, passed\n"
        "run = begun(pathlib.Path(sys.argv[1]))\n"
        "passed(run, 'books.read')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    path = tmp_path / "run.jsonl"
    done = subprocess.run([sys.executable, "-c", program, str(path)], check=False)  # noqa: S603
    assert done.returncode == -signal.SIGKILL
    record = read(path)
    assert [check["check"] for check in record.checks] == ["books.read"]
    assert record.word == "unverified"
    assert record.verdict["exit"] == 2
    assert "killed" in record.verdict["reason"]


def test_killed_run_that_had_seen_red_is_red(tmp_path: Path) -> None:
    red(tmp_path)
    text = (tmp_path / "local" / "run.jsonl").read_text(encoding="utf-8")
    cut = text[: text.index('{"kind": "note"')] + '{"kind": "exch'
    record = gather("x", cut)
    assert (record.word, record.verdict["exit"]) == ("red", 1)
    assert record.verdict["reason"].startswith("books.read: GET /books/{book_id} as owner")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not the record of a run"),
        ('{"kind": "exchange"}\n', "is not the record of a run"),
        ('{"kind": "run", "format": 99}\n', "has format 99. Allowed: 2."),
        ('{"kind": "run", "format": 2}\n', 'x:1#: "id" is a required property.'),
        ("not json\n", "x:1:1: not JSON: Expecting value."),
        ("[]\n", "x:1: is not the record of a run"),
    ],
)
def test_what_is_not_a_record_is_refused_with_the_place(text: str, message: str) -> None:
    with pytest.raises(DataError, match="x:") as caught:
        gather("x", text)
    assert message in str(caught.value)


def test_writing_after_the_end_is_nothing(tmp_path: Path) -> None:
    run = begun(tmp_path / "run.jsonl")
    passed(run, "books.read")
    ended(run)
    run.note("too late")
    assert lines(tmp_path / "run.jsonl")[-1]["kind"] == "verdict"


def test_long_body_that_is_mostly_secrets_is_still_shown() -> None:
    run = Run("t", Secrets())
    run.secrets.register("k" * 700, "SMOKE_TOKEN_LONG")
    assert run.shorten(b'{"error": "boom"} ' + b"k" * 700 * 12).startswith(
        '{"error": "boom"} $SMOKE'
    )
