"""The same again: two builds of the plan are the same bytes, two runs send the same requests."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.smoking import ROOT, Finished, clean_environ, project, reference, smoke_run

IDS = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # RFC 9562
    r"|(?<![0-9a-f])[0-9a-f]{32,}\b"  # alone, or behind the kind of thing: cntr_…
    r"|\b(?:\d{1,3}\.){3}\d{1,3}\b"  # the caller's address: another one for each request
    r"|<run>-[0-9a-f]{4}\b"  # names of several things of one run
    r"|\b\d+\b"  # ids of messages and events, ports, one-time codes
)


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_build_of_the_plan_is_the_committed_one_to_the_byte(hash_seed: str, tmp_path: Path) -> None:
    out = tmp_path / "plan.json"
    command = [sys.executable, "-m", "smoke", "plan", "--out", str(out)]
    environ = clean_environ(PYTHONHASHSEED=hash_seed)
    subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True)  # noqa: S603
    assert out.read_bytes() == (ROOT / "openapi/plan.json").read_bytes()


def requests_of(run: Finished) -> list[tuple[str, str, str, str]]:
    """Each request in order: actor, operation, and the digest of its content without ids."""
    (head,) = run.record("run")
    found = []
    for row in sorted(run.record("exchange"), key=lambda row: int(row["number"])):
        content = f"{row['url'].partition('//')[2].partition('/')[2]} {row['request_body']}"
        content = IDS.sub("<id>", content.replace(head["id"], "<run>"))
        digest = hashlib.sha256(content.encode()).hexdigest()
        found.append((row["actor"], row["operation"], digest, content))
    return found


def test_two_runs_send_the_same_requests_in_the_same_order(tmp_path: Path) -> None:
    # Beside each other, which request meets an expired key set first depends on the service.
    only = ("-k", "test_operation", "--all-operations", "--maxfail=0", "--concurrency=1")
    with reference() as url:
        root = project(tmp_path, f'base_url = "{url}"\ngates = {{ "*" = "on" }}')
        first, second = (smoke_run(tmp_path / name, *only, root=root) for name in ("one", "two"))
    assert (first.code, second.code) == (0, 0), first.out + second.out
    assert len(requests_of(first)) > 150
    assert requests_of(first) == requests_of(second)
