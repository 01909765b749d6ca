"""
The service ends with the process that started it, however that one ended.
"""

import json
import subprocess
import sys
import threading
from contextlib import suppress

import httpx
import pytest

from .process import fetch, running

PATIENCE_S = 20

# A parent that is killed: its child keeps a standard input that somebody else holds open.
PARENT = """
import subprocess, sys
child = [sys.executable, "-m", "smoke.reference", "--exit-with-stdin"]
subprocess.Popen(child, stdin=0, stdout=1)
sys.stdin = None
import signal; signal.pause()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no other way than standard input")
def test_it_ends_with_its_parent_when_another_process_holds_its_input_open() -> None:
    with subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        url = json.loads(parent.stdout.readline())["url"]
        assert fetch("GET", f"{url}/health").status_code == 200
        parent.kill()
        # The output ends when the last process that has it has ended.
        output = threading.Thread(target=parent.stdout.read, daemon=True)
        output.start()
        output.join(PATIENCE_S)
        is_left = output.is_alive()
        parent.stdin.close()
        output.join()
    assert not is_left


def test_it_ends_although_a_request_holds_it_up() -> None:
    with running(REFERENCE_WORK_MS="60000") as process:
        assert process.child.stdin is not None
        held = threading.Thread(target=_ask, args=(f"{process.url}/health",), daemon=True)
        held.start()
        held.join(1)
        process.child.stdin.close()
        try:
            process.child.wait(timeout=PATIENCE_S)
        finally:
            process.child.kill()


def _ask(url: str) -> None:
    # How the connection ends is not what is tested.
    with suppress(httpx.TransportError):
        fetch("GET", url, timeout=PATIENCE_S)
