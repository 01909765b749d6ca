"""Gates in their three states, and what a run leaves behind: whole runs as a user starts them."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from smoke.results.run_dir import Folder
from tests.faults.proxy import Answered, Asked, Forward, Proxy, answer
from tests.smoking import ROOT, Finished, clean_environ, project, reference, smoke_run

OPERATIONS = {
    "activity": 1, "logs": 1, "storage": 9, "billing": 18, "ai": 12, "vector": 13, "containers": 7,
}  # fmt: skip
HINTS = {
    "storage": "the deployment has no object storage",
    "billing": "set ENABLE_BILLING=true on the deployment",
    "ai": "calls a model, which costs money and time",
    "vector": "needs a provider of vector stores (OPENAI_API_KEY on the deployment)",
    "containers": "needs a provider of containers (OPENAI_API_KEY on the deployment)",
}
WITHOUT = "storage, ai, vector_stores, containers"
"""Parts that the embedded service lacks by its own switch: no setting of api-service says so."""
SURFACES = "billing or chat or vector or containers or storage or assets"
SIGN_IN = "POST /api/v1/auth/token"
THINGS = (
    "conversations", "storage_objects", "provider_files", "vector_stores", "vector_store_files",
    "containers", "container_files", "payment_methods", "assets",
)  # fmt: skip
"""Tables of what can be taken away whole; accounts, tenants and logs cannot be."""

LEFT_AS_IT_IS = '''
"""A check that fails when it has made something."""


async def test_cut_short(owner, expect, run, cleanup):
    """It fails in the middle."""
    store = {"name": f"smoke-{run.id}-cut"}
    made = expect(await owner.call("POST /api/v1/vector-stores", json=store)).value("/id")
    cleanup(owner, "DELETE /api/v1/vector-stores/{vector_store_id}", vector_store_id=made)
    title = {"model": "x", "name": f"smoke-{run.id}-cut"}
    box = expect(await owner.call("POST /api/v1/containers", json=title)).value("/id")
    cleanup(owner, "DELETE /api/v1/containers/{container_id}", container_id=box)
    assert store == "something else"
'''


def flags(state: str, *names: str) -> dict[str, str]:
    """The environment that puts gates in a state; all of them where none is named."""
    return {f"SMOKE_ENABLE_{name.upper()}": state for name in names or OPERATIONS}


def local_run(records: Path, *arguments: str, **environ: str) -> Finished:
    """A run against the embedded service that it starts itself."""
    words = ("--target", "local", "--maxfail=0", *arguments)
    return smoke_run(records, *words, root=ROOT, **environ)


def accounts(run: Finished, target: str = "local") -> dict[str, dict[str, str]]:
    """The ledger of a run: reasons by operation, by account."""
    (last,) = run.record("verdict", target)
    found: dict[str, dict[str, str]] = {}
    for row in last["ledger"]:
        found.setdefault(row["account"], {})[row["operation"]] = row["why"]
    return found


def gates_of(rows: dict[str, str]) -> Counter[str]:
    """How many operations each gate stands for."""
    return Counter(why.partition(":")[0] for why in rows.values())


def things(database: Path) -> dict[str, int]:
    """How many things there are of each kind that a run can take away."""
    connection = sqlite3.connect(database)
    try:
        return {
            table: connection.execute(f"select count(*) from {table}").fetchone()[0]  # noqa: S608
            for table in THINGS
        }
    finally:
        connection.close()


NOTHING = dict.fromkeys(THINGS, 0)


def test_local_run_opens_every_gate_and_skips_nothing(tmp_path: Path) -> None:
    run = local_run(tmp_path)
    assert run.code == 0, run.out
    (head,) = run.record("run", "local")
    assert {gate["name"]: gate["state"] for gate in head["gates"]} == dict.fromkeys(
        OPERATIONS, "on"
    )
    assert {row["outcome"] for row in run.record("check", "local")} == {"passed"}
    assert set(accounts(run)) == {"succeeded", "excepted"}
    assert [note for note in run.record("note", "local") if "left behind" in note["text"]] == []
    _signs_in_once(run.record("exchange", "local"))


def _signs_in_once(exchanges: list[dict[str, Any]]) -> None:
    """Each actor signs in once, except in checks of the sign-in and for anonymous sessions."""
    actors = {"owner", "operator", "member", "viewer", "outsider", "disposable"}
    used = {row["actor"] for row in exchanges} & actors
    rows = [row for row in exchanges if row["operation"] == SIGN_IN and row["actor"] in actors]
    of_signing_in = ("auth.", "sessions.")
    own = Counter(row["actor"] for row in rows if not row["check"].startswith(of_signing_in))
    assert set(own) | {"disposable"} == used
    assert set(own.values()) == {1}


def test_absent_surfaces_are_seen_to_refuse(tmp_path: Path) -> None:
    run = local_run(tmp_path, "-k", "gate_is_absent", REFERENCE_WITHOUT=WITHOUT, **flags("absent"))
    assert run.code == 0, run.out
    checks = {row["check"]: row["outcome"] for row in run.record("check", "local")}
    assert checks == {f"refusals.gate_is_absent[{name}]": "passed" for name in OPERATIONS}
    seen = accounts(run)["absent"]
    assert gates_of(seen) == OPERATIONS
    assert {why.rpartition(" ")[2] for why in seen.values()} <= {"403", "404", "500", "503"}


def test_shut_gates_send_nothing_and_show_how_to_open_them(tmp_path: Path) -> None:
    run = local_run(tmp_path, "-k", SURFACES, **flags("0"))
    assert run.code in (0, 2), run.out
    skipped = {row["reason"] for row in run.record("check", "local") if row["outcome"] == "skipped"}
    for name in HINTS:
        reported = [text for text in skipped if text.startswith(f"gate {name} is off: ")]
        assert [
            text.endswith(f"; SMOKE_ENABLE_{name.upper()}=1 opens it") for text in reported
        ] == [True]
    shut = accounts(run)["gated off"]
    assert gates_of(shut) == OPERATIONS
    assert [row for row in run.record("exchange", "local") if row["operation"] in shut] == []


def test_operations_behind_a_shut_gate_are_omitted(tmp_path: Path) -> None:
    words = "storage or vector or openai or gate_is_absent"
    run = local_run(
        tmp_path, "-k", words, REFERENCE_WITHOUT="storage", **flags("absent", "storage")
    )
    assert run.code == 0, run.out
    seen = accounts(run)
    assert gates_of(seen["absent"]) == {"storage": OPERATIONS["storage"]}
    dependent = {
        "DELETE /api/v1/vector-stores/{vector_store_id}/files/{file_id}",
        "GET /api/v1/openai/containers/{container_id}/files/{file_id}/download",
        "GET /api/v1/openai/files/{file_id}/download",
        "GET /api/v1/vector-stores/{vector_store_id}/files/{file_id}",
        "POST /api/v1/vector-stores/{vector_store_id}/files",
        "POST /api/v1/vector-stores/{vector_store_id}/files/upload",
    }
    assert set(seen["gated off"]) == dependent
    assert set(seen["gated off"].values()) == {
        "storage: it needs POST /api/v1/storage/objects/upload-url; the deployment has no object "
        "storage; SMOKE_ENABLE_STORAGE=1 opens it"
    }
    assert "GET /api/v1/vector-stores" in seen["succeeded"]


def test_open_gate_without_its_surface_is_red_and_names_the_setting(tmp_path: Path) -> None:
    first = {
        "storage": "bytes_come_back",
        "billing": "plans_are_on_sale",
        "ai": "conversation_goes_on",
        "vector": "store_is_bound_by",
        "containers": "container_is_bound_by",
    }
    words = " or ".join(first.values())
    with reference(ENABLE_BILLING="false", REFERENCE_WITHOUT=WITHOUT) as url:
        arguments = ("-k", words, "--maxfail=0", "--base-url", url)
        run = smoke_run(tmp_path, *arguments, root=ROOT, **flags("1", *HINTS))
    assert run.code == 1, run.out
    failed = {row["check"]: row["hint"] for row in run.record("check")}
    for name, check in first.items():
        flag = f"SMOKE_ENABLE_{name.upper()}"
        assert [hint for reported, hint in failed.items() if check in reported] == [
            f"gate {name} is on ({flag}): {HINTS[name]}, or shut it: {flag}=0"
        ]
    screen = " ".join(run.out.split())
    assert next(hint for hint in failed.values()) in screen


def test_failing_check_leaves_nothing_behind(tmp_path: Path) -> None:
    database = tmp_path / "service.db"
    with reference(f"--database={database}") as url:
        root = project(tmp_path, f'base_url = "{url}"\ngates = {{ "*" = "on" }}')
        check = root / "tests" / "test_cut.py"
        check.write_text(LEFT_AS_IT_IS, encoding="utf-8")
        run = smoke_run(tmp_path, str(check), root=root)
        assert run.code == 1, run.out
        assert [row["outcome"] for row in run.record("check")] == ["failed"]
        assert len(run.record("created")) >= 2
        assert things(database) == NOTHING


async def no_search(asked: Asked, forward: Forward) -> Answered:
    """A service that cannot search, nor give a file back."""
    if asked.path.endswith(("/search", "/download")):
        return answer(500, {"success": False, "error": "x", "message": "no", "details": None})
    return await forward(asked)


def test_failures_in_the_middle_leave_nothing_behind(tmp_path: Path) -> None:
    database = tmp_path / "service.db"
    with reference(f"--database={database}") as url:
        proxy = Proxy(url)
        proxy.interference = no_search
        try:
            root = project(tmp_path, f'base_url = "{proxy.url}"\ngates = {{ "*" = "on" }}')
            words = ("-k", "vector or openai or containers", "--maxfail=0", "--all-operations")
            run = smoke_run(tmp_path, *words, root=root)
        finally:
            proxy.stop()
        assert run.code == 1, run.out
        failed = [row["check"] for row in run.record("check") if row["outcome"] == "failed"]
        assert len(failed) >= 4
        assert things(database) == NOTHING


def killed_run(root: Path, records: Path, word: str, *arguments: str) -> None:
    """Start a run and kill it as soon as it prints a word."""
    command = [sys.executable, "-u", "-m", "pytest", "--target", "staging", f"--records={records}"]
    with subprocess.Popen(  # noqa: S603  (this suite, no shell)
        [*command, *arguments], cwd=root, env=clean_environ(), stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if word in line:
                os.kill(child.pid, signal.SIGKILL)
                break
        assert child.wait(30) == -signal.SIGKILL


def swept(root: Path, records: Path) -> "subprocess.CompletedProcess[str]":
    """Sweep by the records."""
    command = [sys.executable, "-m", "smoke", "sweep", "--target", "staging"]
    return subprocess.run(  # noqa: S603  (this package, no shell)
        [*command, f"--records={records}"],
        cwd=root,
        env=clean_environ(PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_killed_run_is_swept_away_and_nothing_else_is(tmp_path: Path) -> None:
    database = tmp_path / "service.db"
    with reference(f"--database={database}") as url:
        root = project(tmp_path, f'base_url = "{url}"\ngates = {{ "*" = "on" }}')
        _create_foreign_conversation(url)
        before = things(database)
        assert before["conversations"] == 1
        words = ("-k", "needs_the_code or conversation_is or vector", "--all-operations",
                 "--concurrency=1")  # fmt: skip
        killed_run(root, tmp_path, "POST /api/v1/vector-stores/{vector", *words)
        assert things(database)["vector_stores"] > 0
        done = swept(root, tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "1 left to accounts of the killed run" in done.stdout
        assert things(database) == before


def _create_foreign_conversation(url: str) -> None:
    """A conversation of another tenant, which no run made."""
    conversation = {"key": "theirs", "agent_entrypoint": "triage", "status": "active"}
    tenant = {"slug": "theirs", "name": "Theirs", "conversations": [{**conversation}]}
    httpx.post(f"{url}/api/v1/test-fixtures/apply", json={"tenants": [tenant]}).raise_for_status()


def test_record_of_a_run_that_goes_on_is_left_alone(tmp_path: Path) -> None:
    root = project(tmp_path, 'base_url = "http://127.0.0.1:9"')
    folder = Folder(tmp_path, "staging")
    (folder.path / "run.jsonl").write_text('{"kind": "run", "target": "staging"}\n')
    try:
        assert "left alone: its run is going on" in swept(root, tmp_path).stdout
    finally:
        folder.release()


SEED = "POST /api/v1/test-fixtures/apply"
DELETE = "DELETE /api/v1/conversations/{conversation_id}"
DELETE_MESSAGE = f"{DELETE}/messages/{{message_id}}"


def test_protected_target_takes_what_is_asked_for_by_name(tmp_path: Path) -> None:
    with reference() as url:
        root = project(tmp_path, f'base_url = "{url}"\nprotected = true')
        words = ("-k", "conversation_is_listed or deleted_conversation")
        refused = smoke_run(tmp_path, *words, root=root)
        assert refused.code == 4, refused.out
        assert f"--allow '{SEED}'" in " ".join(refused.out.split())
        assert refused.sent() == ["GET health/ready"]
        asked = [f"--allow={operation}" for operation in (SEED, DELETE, DELETE_MESSAGE)]
        run = smoke_run(tmp_path, *words, *asked, root=root)
        assert run.code == 0, run.out
        assert {row["outcome"] for row in run.record("check")} == {"passed"}
        unknown = smoke_run(tmp_path, "--allow", "DELETE /api/v1/conversation", root=root)
    assert unknown.code == 4
    assert "names no operation of" in unknown.out
    assert "Did you mean" in unknown.out
