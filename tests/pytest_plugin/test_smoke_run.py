"""Whole runs: what the user sees first, the exit code, and what was and was not sent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.smoking import Finished, project, reference, smoke_run

DEAD = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    with reference() as url:
        yield url


def first_line(run: Finished, start: str) -> str:
    """The first line of the output that begins with a word."""
    return next((line for line in run.out.splitlines() if line.startswith(start)), run.out)


def test_healthy_service_is_green(service: str, tmp_path: Path) -> None:
    run = smoke_run(tmp_path, "-k", "health", "--base-url", service)
    assert run.code == 0, run.out
    assert run.out.splitlines()[-1].startswith("GREEN")
    assert f"base_url = {service}  (--base-url)" in run.out


def test_listing_the_checks_leaves_the_record_of_the_last_run(tmp_path: Path) -> None:
    (tmp_path / "staging").mkdir()
    (tmp_path / "staging" / "run.jsonl").write_text("the last run's")
    run = smoke_run(tmp_path, "--collect-only", "-q", "-k", "health", "--base-url", DEAD)
    assert run.code == 0, run.out
    assert "test_health.py::test_service_is_alive" in run.out
    assert (tmp_path / "staging" / "run.jsonl").read_text() == "the last run's"


def test_dead_url_is_unverified(tmp_path: Path) -> None:
    root = project(tmp_path, f'base_url = "{DEAD}"\nready_s = 0.5')
    run = smoke_run(tmp_path, root=root)
    assert run.code == 2, run.out
    # The screen may break the line between any two words.
    assert f"Nothing answers: GET {DEAD}/health/ready: ConnectError" in " ".join(run.out.split())
    assert first_line(run, "UNVERIFIED").startswith("UNVERIFIED (environment)")
    assert set(run.sent()) == {"GET health/ready"}


def test_unknown_host_is_reported_without_retries(tmp_path: Path) -> None:
    """Without a name server, though, the lookup fails for now, and is tried again."""
    root = project(tmp_path, 'base_url = "http://smoke.invalid"\nready_s = 0.3')
    run = smoke_run(tmp_path, root=root)
    head = "UNVERIFIED (environment)  Nothing answers:"
    assert first_line(run, "UNVERIFIED").startswith(head)
    assert ("tried for" in run.out) == ("Temporary failure" in run.out), run.out


def test_waiting_for_a_service_is_reported_once_and_at_once(tmp_path: Path) -> None:
    root = project(tmp_path, f'base_url = "{DEAD}"\nready_s = 0.9')
    run = smoke_run(tmp_path, root=root)
    assert run.out.count("waiting ") == 1, run.out
    reported = f"waiting   GET {DEAD}/health/ready does not answer; asking for up to"
    assert first_line(run, "waiting").startswith(reported)


def test_wrong_credentials_are_the_user_s_to_mend(service: str, tmp_path: Path) -> None:
    root = project(tmp_path, f'base_url = "{service}"\nseeded = true')
    run = smoke_run(
        tmp_path, "-k", "agents", root=root, SMOKE_USER_PASSWORD="wrong-password-9",
        SMOKE_USER_EMAIL="nobody@example.com",
    )  # fmt: skip
    assert run.code == 4, run.out
    assert "could not sign in: 401" in run.out
    assert "Check SMOKE_USER_EMAIL and SMOKE_USER_PASSWORD" in " ".join(run.out.split())
    assert "wrong-password-9" not in run.out + (tmp_path / "staging/run.jsonl").read_text()
    assert not any("test-fixtures" in line for line in run.sent())


def test_seeding_switched_off_names_the_setting(tmp_path: Path) -> None:
    with reference(USE_TEST_FIXTURES="false") as url:
        run = smoke_run(tmp_path, "-k", "agents", "--base-url", url)
    assert run.code == 4, run.out
    assert "answered 404: seeding is switched off. Set USE_TEST_FIXTURES=true" in run.out
    seeding, elsewhere = run.sent()[-2:]
    assert seeding == "POST api/v1/test-fixtures/apply"
    assert elsewhere.startswith("GET api/v1/")  # the API is there, so only seeding is refused


def test_unknown_gate_refuses_to_start(tmp_path: Path) -> None:
    run = smoke_run(tmp_path, "--base-url", DEAD, SMOKE_ENABLE_BILING="1")
    assert run.code == 4, run.out
    assert "SMOKE_ENABLE_BILING names an unknown gate 'biling'" in run.out
    assert "Did you mean 'billing'?" in run.out
    assert not (tmp_path / "staging").exists()


def test_remote_accounts_need_a_password_from_the_user(tmp_path: Path) -> None:
    root = project(tmp_path, 'base_url = "http://192.0.2.1"\nready_s = 0.1\ntimeout_s = 0.1')
    run = smoke_run(tmp_path, "-k", "agents", root=root)
    assert run.code != 0, run.out


@pytest.mark.parametrize("expression", ["nothing_has_this_name", "not (a or test)"])
def test_run_of_nothing_is_not_green(service: str, tmp_path: Path, expression: str) -> None:
    run = smoke_run(tmp_path, "-k", expression, "--base-url", service)
    assert run.code == 2, run.out
    assert "UNVERIFIED" in run.out
    assert "no check ran" in run.out


def test_read_only_target_is_only_read(service: str, tmp_path: Path) -> None:
    password = "Loopback-only-smoke-1"
    smoke_run(tmp_path, "-k", "each_actor", "--base-url", service)
    root = project(tmp_path, f'base_url = "{service}"\nread_only = true')
    run = smoke_run(
        tmp_path, "-k", "agents or users or storage", root=root, SMOKE_USER_PASSWORD=password
    )
    assert run.code == 0, run.out
    allowed = ("GET ", "POST api/v1/auth/token", "POST api/v1/auth/logout")
    assert [line for line in run.sent() if not line.startswith(allowed)] == []
    assert "x target 'staging' is read_only: it gets only reads and the sign-in" in run.out


def test_runs_leave_nothing_behind(tmp_path: Path) -> None:
    with reference() as url:
        smoke_run(tmp_path, "-k", "conversations or storage", "--base-url", url)
        rows = [_rows(tmp_path, url) for _ in range(2)]
    assert rows[0] == rows[1]


def _rows(records: Path, url: str) -> list[int]:
    """How many rows the lists of the tenant have while a run is in it."""
    run = smoke_run(records, "-k", "conversation_is_listed or bytes_come_back", "--base-url", url)
    assert run.code == 0, run.out
    return [
        row["response_body"].count('"created_at"')
        for row in run.record("exchange")
        if row["operation"] in ("GET /api/v1/conversations", "GET /api/v1/storage/objects")
    ]


def test_seeded_target_is_run_without_seeding(service: str, tmp_path: Path) -> None:
    seeded = smoke_run(tmp_path / "before", "-k", "each_actor", "--base-url", service)
    assert seeded.code == 0, seeded.out
    root = project(tmp_path, f'base_url = "{service}"\nseeded = true')
    run = smoke_run(tmp_path, root=root, SMOKE_USER_PASSWORD="Loopback-only-smoke-1")
    assert run.code == 0, run.out
    assert "POST api/v1/test-fixtures/apply" not in run.sent()
    assert "nothing was seeded for it" in " ".join(run.out.split())
