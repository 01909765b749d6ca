"""
Many targets in one light server: a port each, with latencies, faults and deaths from a seed.

Each speaks as a desk does (`tests.desk`), so that a real run can be made against it.
"""

import asyncio
import json
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.loopback import Heard, listening

# What can be wrong with a target, and the verdict that this must have.
KINDS = {"green": "green", "red": "red", "dead": "unverified", "late": "green",
         "killed": "unverified", "misspelt": "misused"}  # fmt: skip

SHARES = {"green": 80, "red": 6, "dead": 3, "late": 4, "killed": 4, "misspelt": 3}


@dataclass
class Simulated:
    """One target: what is wrong with it, how slow it is, and what it saw."""

    name: str
    kind: str
    delay_s: float
    runs: list[str] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    notes: dict[str, str] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)

    async def handle(self, heard: Heard, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        run = heard.headers.get("x-smoke-run", "")
        if run not in self.runs:
            self.runs.append(run)
        method, path, _ = heard.line.split(" ")
        self.asked[f"{method} {path.split('/')[1]}"] += 1
        if self.kind == "late" and run == self.runs[0]:
            writer.close()
            return
        await asyncio.sleep(self.delay_s)
        status, body = self._answer(method, path, heard)
        content = b"" if body is None else json.dumps(body).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\n"
        kind = "Content-Type: application/json\r\n" if content else ""
        writer.write(f"{head}{kind}\r\n".encode() + content)

    def _answer(self, method: str, path: str, heard: Heard) -> tuple[int, Any]:
        sent = json.loads(heard.body or b"{}")
        if path == "/ready":
            return 200, {"status": "up"}
        if path == "/seed":
            return 200, {"accounts": 2}
        if path == "/login":
            token = f"token-{sent['email']}-{len(self.asked)}"
            self.tokens.add(f"Bearer {token}")
            return 200, {"access_token": token}
        if heard.headers.get("authorization") not in self.tokens:
            return 401, {"detail": "no token of mine"}
        return self._note(method, path.removeprefix("/notes").lstrip("/"), sent)

    def _note(self, method: str, note: str, sent: Any) -> tuple[int, Any]:
        if not note and method == "GET":
            rows = [{"id": key, "title": title} for key, title in self.notes.items()]
            return (500, {}) if self.kind == "red" else (200, rows)
        if not note:
            key = f"n{self.asked['POST notes']}"
            self.notes[key] = sent["title"]
            return 201, {"id": key, "title": sent["title"]}
        if note not in self.notes:
            return 404, {"detail": "no such note"}
        if method == "DELETE":
            del self.notes[note]
            return 204, None
        return 200, {"id": note, "title": self.notes[note]}


def drawn(many: int, seed: int = 17, slowest_s: float = 0.05) -> list[Simulated]:
    """So many targets; the same for a seed. Among the first six there is one of each kind."""
    chance = random.Random(seed)  # noqa: S311  (a simulation)
    kinds = [*KINDS, *chance.choices(list(SHARES), list(SHARES.values()), k=many)][:many]
    return [
        Simulated(f"t{number:03}", kind, chance.uniform(0, slowest_s))
        for number, kind in enumerate(kinds)
    ]


@contextmanager
def simulated(
    targets: list[Simulated], file: Path, host: str = "127.0.0.1"
) -> Iterator[dict[str, str]]:
    """Serve all of them, write their list, and give the verdict that each must have."""
    ready, ended = threading.Event(), threading.Event()
    urls: dict[str, str] = {}
    serving = partial(_serve, targets, host, urls, ready, ended)
    thread = threading.Thread(target=lambda: asyncio.run(serving()))
    thread.start()
    try:
        assert ready.wait(30), "the simulation did not start"
        rows = [_row(target, urls.get(target.name, "http://127.0.0.1:9")) for target in targets]
        file.write_text(json.dumps(rows), encoding="utf-8")
        yield {target.name: KINDS[target.kind] for target in targets}
    finally:
        ended.set()
        thread.join(30)


async def _serve(
    targets: list[Simulated], host: str, urls: dict[str, str],
    ready: threading.Event, ended: threading.Event,
) -> None:  # fmt: skip
    async with AsyncExitStack() as stack:
        for target in targets:
            if target.kind != "dead":
                here = await stack.enter_async_context(listening(target.handle, host=host))
                urls[target.name] = here.url
        ready.set()
        await asyncio.to_thread(ended.wait)


def _row(target: Simulated, url: str) -> dict[str, Any]:
    # Some units wait in vain; for the others a short wait would measure the load of this machine.
    ready_s = 1 if target.kind in ("dead", "late") else 15
    row: dict[str, Any] = {"name": target.name, "base_url": url, "ready_s": ready_s}
    row["deadline_s"] = 90
    row["owner"] = f"team{int(target.name[1:]) % 7}"
    if target.kind == "killed":
        row["options"] = {"dies": True}
    if target.kind == "misspelt":
        row["gates"] = {"drawer": "on"}
    return row
