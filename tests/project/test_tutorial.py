"""The tutorial works as written: every command is run, in order, in an empty directory."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.project.tables import ROOT
from tests.smoking import clean_environ, free_port

TUTORIAL = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```", re.DOTALL | re.MULTILINE)
# The block with this is left out: the package under test is installed already.
INSTALLS = "pip install smoke-http"

LISTENS = "until (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null; do sleep 0.05; done"


def script(port: int) -> str:
    """The tutorial as one shell script; each run is followed by its exit code."""
    lines = []
    for kind, block in BLOCK.findall(TUTORIAL):
        if kind == "python":
            lines += [f"cat > smoke_checks/test_notes.py <<'END'\n{block}END"]
            continue
        if INSTALLS in block:
            continue
        for line in block.replace("8765", str(port)).splitlines():
            demo = line.replace("smoke demo", f"smoke demo --port {port}")
            kills = line.startswith("kill ")
            lines.append(f"{line}; wait $! || :" if kills else demo)
            lines += [LISTENS.format(port=port)] if line.startswith("smoke demo") else []
            lines += ["echo code $?"] if line.startswith("smoke run") else []
    return "\n".join(
        ["set -m", "trap 'kill $(jobs -p) 2>/dev/null' EXIT TERM", *lines, "kill $!", "wait"]
    )


def test_tutorial_is_green_then_red_then_green(tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shell = subprocess.Popen(  # noqa: S603  (the tutorial's own commands)
        [shutil.which("bash") or "bash", "-c", script(free_port())], cwd=tmp_path,
        env=clean_environ(PATH=path), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        said, _ = shell.communicate(timeout=50)
    finally:
        shell.terminate()  # the demo in its background ends with it, also after a time-out
        shell.wait()
    assert re.findall(r"^code (\d+)$", said, re.MULTILINE) == ["0", "0", "1", "0"], said
    shown = re.search(r"^GREEN  \d+ passed; \d+ requests", TUTORIAL, re.MULTILINE)
    assert shown is not None
    assert shown.group() in said, "the tutorial shows another verdict than its first run"
    assert "partial" not in said
    assert "expected" in said
    assert "changed by" in said
