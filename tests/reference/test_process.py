"""
The process: its start, its settings, its end, and what survives it.
"""

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from smoke.reference.__main__ import openapi_text
from smoke.reference.settings import Settings, SettingsError, SignupPolicy

from .process import ServiceProcess, client, fetch, running
from .world import World, bearer, seed

COMMAND = [sys.executable, "-m", "smoke.reference"]


def test_it_is_healthy_ready_and_counts(anonymous: httpx.Client) -> None:
    for path in ("/health", "/health/ready", "/health/storage"):
        body = anonymous.get(path).json()
        assert body["status"] in {"healthy", "ready"}
        assert body["version"] == "1.0.0"
    text = anonymous.get("/metrics").text
    counted = 'http_requests_total{method="GET",route="/health/ready",status="200"}'
    assert counted in text


def test_log_entries_are_taken_from_whoever_is_signed_in(
    viewer: httpx.Client, anonymous: httpx.Client
) -> None:
    entry = {"event": "page.opened", "fields": {"n": 1}}
    assert viewer.post("/api/v1/logs", json=entry).status_code == 202
    assert anonymous.post("/api/v1/logs", json=entry).status_code == 401
    assert 'frontend_logs_total{level="info"}' in anonymous.get("/metrics").text


def test_state_survives_a_restart(tmp_path: Path) -> None:
    arguments = ("--database", str(tmp_path / "service.db"))
    tag = uuid4().hex[:8]
    with running(*arguments) as before:
        first = seed(before.url, tag)
        session = first.login("admin")
        with first.signed_in("admin") as admin:
            made = admin.post(
                "/api/v1/storage/objects/upload-url",
                json={"filename": "kept", "mime_type": "text/plain", "size_bytes": 4},
            ).json()
        fetch("PUT", made["upload_url"], content=b"kept", headers=made["headers"])
        keys = fetch("GET", f"{before.url}/.well-known/jwks.json").json()
    with running(*arguments) as after:
        again = World(after.url, tag, first.answer)
        assert fetch("GET", f"{after.url}/.well-known/jwks.json").json() == keys
        headers = bearer(session["access_token"])
        with client(after.url, headers) as admin:
            detail = admin.get(f"/api/v1/conversations/{again.conversation_id}")
            assert len(detail.json()["messages"]) == 3
            shown = admin.get(f"/api/v1/storage/objects/{made['object_id']}/download-url").json()
            assert fetch("GET", shown["download_url"]).content == b"kept"
            refresh = {"refresh_token": session["refresh_token"]}
            assert admin.post("/api/v1/auth/refresh", json=refresh).status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_leaves_nothing(tmp_path: Path, number: int) -> None:
    with running(TMPDIR=str(tmp_path)) as process:
        assert list(tmp_path.iterdir())
        process.child.send_signal(number)
        assert process.child.wait(timeout=5) == 0
    assert list(tmp_path.iterdir()) == []


def test_it_ends_with_its_standard_input(tmp_path: Path) -> None:
    with running(TMPDIR=str(tmp_path)) as process:
        assert process.child.stdin is not None
        process.child.stdin.close()
        assert process.child.wait(timeout=5) == 0
    assert list(tmp_path.iterdir()) == []


def test_eight_writers_at_once_are_served(world: World) -> None:
    token = world.login("member")["access_token"]
    assert asyncio.run(_rename_all(world, token)) == [200] * 80


async def _rename_all(world: World, token: str) -> list[int]:
    path = f"/api/v1/conversations/{world.conversation_id}/title"
    turns = asyncio.Semaphore(8)
    async with httpx.AsyncClient(base_url=world.url, headers=bearer(token)) as client:

        async def rename(number: int) -> int:
            async with turns:
                body = {"display_name": f"Title {number}"}
                return (await client.patch(path, json=body)).status_code

        return list(await asyncio.gather(*(rename(number) for number in range(80))))


def test_what_is_switched_off_is_absent_or_refused() -> None:
    off = {"ENABLE_FRONTEND_LOG_INGEST": "false", "REFERENCE_WITHOUT": "storage"}
    with running(**off) as process:
        world = seed(process.url, uuid4().hex[:8])
        with world.signed_in("admin") as admin:
            assert admin.post("/api/v1/logs", json={"event": "x"}).json() == {"detail": "Not Found"}
            assert admin.get("/api/v1/storage/objects").status_code == 403


def test_fixtures_are_absent_unless_asked_for() -> None:
    with running(USE_TEST_FIXTURES="false") as process:
        answer = fetch("POST", f"{process.url}/api/v1/test-fixtures/apply", json={"tenants": []})
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})
    assert Settings.from_environment({}).use_test_fixtures is False


def test_the_document_is_the_same_every_time() -> None:
    printed = subprocess.run(  # noqa: S603  # our own program
        [*COMMAND, "--openapi"], capture_output=True, check=True, text=True
    ).stdout
    assert printed == openapi_text()
    assert printed.endswith("}\n")
    assert "/api/v1/test-fixtures/apply" in json.loads(printed)["paths"]


def test_all_wrong_settings_are_named() -> None:
    wrong = {"DEBUG": "perhaps", "STORAGE_PROVIDER": "tape", "UNRELATED": "x"}
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(wrong)
    assert str(caught.value).splitlines() == [
        "STORAGE_PROVIDER='tape' is unknown. Use one of: disk, memory.",
        "DEBUG='perhaps' is not a boolean. Use true or false.",
    ]
    policy = Settings.from_environment({"SIGNUP_ACCESS_POLICY": "INVITE_ONLY"})
    assert policy.signup_access_policy is SignupPolicy.INVITE_ONLY


def test_an_address_in_use_is_said(service: ServiceProcess) -> None:
    port = service.url.rsplit(":", 1)[1]
    result = subprocess.run(  # noqa: S603  # our own program
        [*COMMAND, "--port", port], capture_output=True, text=True, check=False, timeout=20
    )
    assert result.returncode == 2
    assert "Cannot start" in result.stderr
