"""The embedded service is a child that ends with its parent, and reports why it could not start."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from smoke.errors import UnverifiedError
from smoke.session.service_process import Service, clean_environment, described

CHILDREN = {
    "talks": "import json, sys; print(json.dumps({'url': 'http://127.0.0.1:1'}), flush=True); "
    "sys.stdin.read()",
    "dies": "import sys; sys.exit('the disk is full')",
    "deaf": "import json, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print(json.dumps({'url': 'http://127.0.0.1:1'}), flush=True); time.sleep(60)",
}


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment in which the children above are modules."""
    for name, code in CHILDREN.items():
        (tmp_path / f"child_{name}.py").write_text(code)
    return {"PYTHONPATH": str(tmp_path), "PATH": ""}


def test_child_prints_its_url_and_ends_on_stop(environ: dict[str, str]) -> None:
    service = Service("child_talks", environ)
    assert service.url == "http://127.0.0.1:1"
    service.stop()
    assert service.ended


def test_dead_child_shows_its_errors(environ: dict[str, str]) -> None:
    service = Service("child_dies", environ)
    with pytest.raises(UnverifiedError, match=r"child_dies did not start:\nthe disk is full"):
        assert service.url
    service.stop()


def test_child_that_does_not_listen_is_killed(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smoke.session.service_process.STOP_S", 0.2)
    service = Service("child_deaf", environ)
    assert service.url
    service.stop()
    assert service.ended


def test_module_without_openapi_output_is_reported(environ: dict[str, str]) -> None:
    with pytest.raises(UnverifiedError, match="child_dies --openapi failed:\nthe disk is full"):
        described("child_dies", environ)


def test_service_gets_the_usual_variables_and_those_that_are_passed() -> None:
    environ = {"PATH": "/bin", "PYTHONPATH": "x", "DEBUG": "1", "DB_URL": "y", "LC_ALL": "C"}
    clean = clean_environment(environ, ["DB_*"])
    assert clean == {"PATH": "/bin", "PYTHONPATH": "x", "DB_URL": "y", "LC_ALL": "C"}


FOREGROUND = """
import os, sys
from smoke.session.service_process import foreground
sys.exit(foreground("child_talks", os.environ))
"""


@pytest.mark.parametrize("end", ["kill", "terminate"])
def test_service_in_the_foreground_ends_with_the_command(environ: dict[str, str], end: str) -> None:
    place = f"{environ['PYTHONPATH']}:{Path(__file__).parents[2]}"
    with subprocess.Popen(  # noqa: S603  (our own program, no shell)
        [sys.executable, "-c", FOREGROUND],
        env=environ | {"PYTHONPATH": place},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stdin is not None
        assert command.stdout is not None
        assert json.loads(command.stdout.readline())["url"]
        getattr(command, end)()
        # The output ends when the last process that has it has ended.
        output = threading.Thread(target=command.stdout.read, daemon=True)
        output.start()
        output.join(10)
        is_left = output.is_alive()
        command.stdin.close()
        output.join()
    assert not is_left
