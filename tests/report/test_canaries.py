"""Secrets of a dozen kinds are in no output: of green runs, red ones, crashed ones, killed ones."""

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import jsonschema_rs
import pytest

from smoke import results
from tests.report.reflecting import Reflecting, reflecting
from tests.smoking import ROOT, Finished, reference, smoke_run

PICK = "agents_are_listed or bytes_come_back or new_address_is_verified or refresh_token_rotates"
BROKEN = "/api/v1/agents"
SCHEMA = json.loads((Path(results.__file__).parent / "run.schema.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    with reference() as url:
        yield url


def run(tmp_path: Path, service: Reflecting, *arguments: str, **environ: str) -> Finished:
    """A run as talkative as pytest can be made."""
    return smoke_run(
        tmp_path / "records", "-k", PICK, "--base-url", service.url, "-p",
        "tests.report.careless", "-vv", "--showlocals", "--tb=long", "-rA",
        "-o", "log_cli=true", "--log-level=DEBUG", f"--log-file={tmp_path / 'log'}",
        f"--junitxml={tmp_path / 'pytest.xml'}", "--maxfail=0", *arguments,
        root=ROOT, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(tmp_path / "step"), **environ,
    )  # fmt: skip


def spellings(secret: str) -> set[str]:
    """How a secret may be written; of base64, what does not depend on its neighbours."""
    cores = {b64encode(b"\0" * n + secret.encode()).decode()[4:-4] for n in range(3)}
    return {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], *cores}


def hits(service: Reflecting, tmp_path: Path, out: str) -> list[str]:
    """Where a secret is found, as `kind in file`."""
    texts = {"terminal": out} | {
        str(path.relative_to(tmp_path)): path.read_text(encoding="utf-8", errors="replace")
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    return sorted(
        f"{kind} in {name}"
        for name, text in texts.items()
        for kind, secrets in service.seen.items()
        if any(spelled in text for secret in secrets for spelled in spellings(secret))
    )


def outputs(tmp_path: Path) -> set[str]:
    return {path.name for path in tmp_path.rglob("*") if path.is_file()}


def test_green_run_shows_no_secret(upstream: str, tmp_path: Path) -> None:
    with reflecting(upstream) as service:
        done = run(tmp_path, service)
    assert done.code == 0, done.out
    assert {"access token", "refresh token", "password", "one-time token", "presigned URL",
            "signature"} <= set(service.seen)  # fmt: skip
    assert {"run.jsonl", "verdict.json", "junit.xml", "summary.md", "ctrf.json", "run.har",
            "report.html", "log", "pytest.xml", "step"} <= outputs(tmp_path)  # fmt: skip
    assert hits(service, tmp_path, done.out) == []
    assert "Bearer $SMOKE_TOKEN_OWNER" in (tmp_path / "records/staging/run.har").read_text()


def test_red_run_of_a_service_that_reflects_shows_no_secret(upstream: str, tmp_path: Path) -> None:
    with reflecting(upstream, BROKEN) as service:
        done = run(tmp_path, service)
    assert done.code == 1, done.out
    assert len(service.seen) >= 12
    assert hits(service, tmp_path, done.out) == []
    assert "unhandled:Bearer$SMOKE_TOKEN_" in "".join(done.out.split())


def test_careless_failures_show_no_secret(upstream: str, tmp_path: Path) -> None:
    with reflecting(upstream, BROKEN) as service:
        done = run(tmp_path, service, CARELESS="fail")
    assert done.code == 1, done.out
    assert "failedwithBearer$SMOKE_TOKEN_" in "".join(done.out.split())
    assert hits(service, tmp_path, done.out) == []


def test_crashed_run_shows_no_secret(upstream: str, tmp_path: Path) -> None:
    with reflecting(upstream, BROKEN) as service:
        done = run(tmp_path, service, CARELESS="crash")
    # The service had answered wrongly before the crash, and red outweighs our own mistakes.
    assert done.code == 1, done.out
    assert "INTERNALERROR" in done.out
    assert "crashed with" in done.out
    assert hits(service, tmp_path, done.out) == []


def test_killed_run_shows_no_secret_and_leaves_its_record(upstream: str, tmp_path: Path) -> None:
    with reflecting(upstream) as service:
        done = run(tmp_path, service, CARELESS="kill")
    assert done.code == -9, done.out
    assert hits(service, tmp_path, done.out) == []
    assert done.record("exchange")
    assert done.record("verdict") == []


def test_every_line_of_a_real_record_is_as_the_schema_says(upstream: str, tmp_path: Path) -> None:
    with reflecting(upstream, BROKEN) as service:
        run(tmp_path, service)
    validator = jsonschema_rs.validator_for(SCHEMA, validate_formats=True)
    text = (tmp_path / "records/staging/run.jsonl").read_text(encoding="utf-8")
    found = [json.loads(line) for line in text.splitlines()]
    assert [error.message for line in found for error in validator.iter_errors(line)] == []
    assert {"run", "service", "exchange", "expectation", "check", "verdict"} <= {
        line["kind"] for line in found
    }


def test_what_a_stopped_run_did_not_reach_is_not_called_missing(
    upstream: str, tmp_path: Path
) -> None:
    with reflecting(upstream, "/health") as service:
        done = smoke_run(tmp_path, "--base-url", service.url)
    assert done.code == 1, done.out
    accounts = {row["account"]: row["why"] for row in done.record("verdict")[0]["ledger"]}
    assert "missing" not in accounts
    assert accounts["left out"] == "not reached: the run ended before"
