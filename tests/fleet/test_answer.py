"""A fleet's verdict over HTTP gates a rollout: only a fresh green lets it go on."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from smoke.fleet.answer import Verdicts, server


@contextmanager
def answering(folder: Path, max_age_s: float = 60) -> Iterator[str]:
    with server(Verdicts(folder, max_age_s), "127.0.0.1", 0) as serving:
        thread = threading.Thread(target=serving.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{serving.server_address[1]}"
        serving.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("text", "word", "gate"),
    [
        ('{"verdict": "green", "exit": 0, "targets": []}', "green", 200),
        ('{"verdict": "red", "exit": 1, "targets": []}', "red", 412),
        ('{"verdict": "unverified", "exit": 2}', "unverified", 412),
        ("{", "unverified", 412),
        ("[]", "unverified", 412),
        (None, "unverified", 412),
    ],
)
def test_gate_opens_for_green_only(text: str | None, word: str, gate: int, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "verdict.json").write_text(text, encoding="utf-8")
    with answering(tmp_path) as url:
        served: dict[str, Any] = httpx.get(f"{url}/verdict.json").json()
        held = httpx.post(url, content=json.dumps({"name": "podinfo", "phase": "Progressing"}))
        assert httpx.get(f"{url}/other").status_code == 404
    assert served["verdict"] == word
    assert "targets" not in served
    assert held.status_code == gate


def test_old_verdict_is_unverified(tmp_path: Path) -> None:
    path = tmp_path / "verdict.json"
    path.write_text('{"verdict": "green", "exit": 0}', encoding="utf-8")
    os.utime(path, (0, 0))
    with answering(tmp_path) as url:
        served = httpx.get(url).json()
        assert (served["verdict"], served["exit"]) == ("unverified", 2)
        assert httpx.post(url).status_code == 412
