"""
The first screen of realistic faults: does it name the reason, and does what it prints reproduce?

`nox -s prove -- screens` runs the suite against each fault, pastes the curl lines of the last
screen into a shell, runs the command that it prints, and writes FIRST_SCREENS.md.
"""

import argparse
import atexit
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any

from tests.faults.catalogue import ENTRIES
from tests.faults.deployment import Bench
from tests.faults.entries import FalseGreen, Fault, Hang, Proxied, Setting, Sockets
from tests.faults.proxy import Answered, Asked, Forward, Interference, answer
from tests.faults.smoke_run import TARGET, command_of, environment_of, prepare
from tests.http.certificates import DAY, Authority, authority

RESULTS = Path(__file__).parent / "FIRST_SCREENS.md"

# Rows of the terminal: a reader sees what is above the last of them only by scrolling.
ROWS = 24

# How often a line is pasted until it reproduces: of an intermittent fault, not every time.
PASTES = 6

PASTE_S = 60

BIN = str(Path(sys.executable).parent)


@dataclass(frozen=True)
class Screen:
    """One fault, and what the last screen must have of it: the exit code and some words."""

    kind: str
    entry: Fault | FalseGreen | Hang
    exit: int
    words: tuple[str, ...]


def refused_later() -> Interference:
    """Refuse every token from the twentieth request with a token on."""
    seen = 0

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        nonlocal seen
        seen += bool(asked.header("authorization"))
        if asked.header("authorization") and seen > 20:
            return answer(401, {"success": False, "error": "Unauthorized", "message": "token",
                                "details": None})  # fmt: skip
        return await forward(asked)

    return interfere


@cache
def signer() -> Authority:
    """The authority that the runs trust: only dates and names of a certificate are wrong."""
    folder = tempfile.TemporaryDirectory(prefix="first-screen-authority-")
    atexit.register(folder.cleanup)
    return authority(Path(folder.name))


@contextmanager
def encrypted(host: str, starts: timedelta) -> Iterator[str]:
    """A listener that speaks TLS with a certificate for a host, valid for two days from a start."""
    tls = signer().server(host, starts=starts)

    def accept() -> None:
        with suppress(OSError):  # the listener is closed
            while True:
                connection, _ = listener.accept()
                with suppress(OSError), tls.wrap_socket(connection, server_side=True) as secured:
                    secured.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=accept, daemon=True).start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def certificate(host: str, starts: timedelta) -> Hang:
    """An entry for a deployment with such a certificate."""
    return Hang("certificate", Sockets(lambda: encrypted(host, starts)))


LATER = Fault("token_is_refused_later", "auth and keys", "auth", Proxied(refused_later), "*")


def of(name: str) -> Any:
    """An entry of the catalogue."""
    return ENTRIES[name]


SCREENS = [
    Screen("proxy's 502 page", of("proxy_page_with_502"), 1, ("502", "proxy's")),
    Screen("wrong base path", of("api_under_another_prefix"), 2, ("404",)),
    Screen(
        "expired certificate",
        certificate("127.0.0.1", -40 * DAY),
        2,
        ("The certificate expired on", "Renew"),
    ),
    Screen(
        "certificate of another host",
        certificate("example.com", -DAY),
        2,
        ("The certificate is for example.com",),
    ),
    Screen("unknown host", of("host_does_not_exist"), 2, ("Nothing answers",)),
    Screen("nothing listens", of("nothing_listens"), 2, ("Nothing answers",)),
    Screen("accepts, never answers", of("accepts_and_never_answers"), 2, ("Nothing answers",)),
    Screen("every answer is 500", of("everything_crashes"), 1, ("500",)),
    Screen("another environment's keys", of("jwks_has_another_key"), 1, ("key",)),
    Screen("no key set", of("jwks_not_routed"), 1, ("404",)),
    Screen("one surface 500", of("workflows_crash"), 1, ("500", "workflows")),
    Screen("missing field", of("agent_lacks_its_name"), 1, ("required property",)),
    Screen("empty seeded list", of("conversations_are_empty"), 1, ("conversation",)),
    Screen("one of three replicas", of("one_worker_of_three_is_broken_for_agents"), 1, ("500",)),
    Screen("one list in two fails", of("one_list_in_two_fails"), 1, ("503",)),
    Screen("one slow surface", of("workflows_are_slow"), 1, ("workflows",)),
    Screen("a search hangs", of("search_hangs"), 1, ("no complete answer",)),
    Screen("silent stream", of("billing_stream_is_silent"), 1, ("stream",)),
    Screen("stream breaks off", of("chat_stream_breaks_off"), 1, ("chat",)),
    Screen("HTML with 200", of("proxy_page_with_200"), 1, ("HTML page (200)",)),
    Screen("sign-in page by redirect", of("redirected_to_a_sign_in_page"), 1, ("302",)),
    Screen("429", of("members_are_rate_limited"), 1, ("429",)),
    Screen("writes lost", of("title_not_persisted"), 1, ("display_name",)),
    Screen("delete is only promised", of("conversation_is_not_deleted"), 1, ("404", "200")),
    Screen("wrong password", of("credentials_of_nobody"), 4, ("SMOKE_USER_PASSWORD",)),
    Screen("sign-in refused for all", of("nobody_can_sign_in"), 1, ("sign in",)),
    Screen("seeding off", of("seeding_switched_off"), 4, ("USE_TEST_FIXTURES",)),
    Screen("token refused later", LATER, 1, ("this token worked",)),
    Screen("list open without a token", of("list_open_without_token"), 1, ("401",)),
    Screen("wrong media type", of("json_is_called_text"), 1, ("text/plain",)),
]


@dataclass(frozen=True)
class Seen:
    """What a run showed of a fault, and what came of pasting it."""

    screen: Screen
    exit: int
    rows: list[str]
    cause: str
    curls: list[str]
    answers: list[str]
    wanted: list[str]
    again: str
    again_exit: int

    @property
    def names_it(self) -> bool:
        """Whether the last screen has the reason."""
        shown = " ".join(" ".join(self.rows).split())
        return all(word in shown for word in self.screen.words)

    @property
    def reproduces(self) -> bool:
        """Whether the pasted lines had the answers of the run."""
        return bool(self.curls) and self.answers == self.wanted

    @property
    def right(self) -> bool:
        """Whether all of it is as it should be."""
        same = self.exit == self.screen.exit == self.again_exit
        return self.names_it and self.reproduces and same


def seen(screen: Screen, bench: Bench) -> Seen:
    """Run the suite against a fault, and paste what it printed while the fault stands."""
    with (
        tempfile.TemporaryDirectory(prefix="first-screen-") as name,
        bench.deployed(screen.entry) as url,
    ):
        folder, setting = Path(name), screen.entry.setting
        prepare(folder)
        if setting.edit is not None:
            setting.edit(folder)
        before = getattr(screen.entry, "before", None)
        if before is not None:
            before(url)
        environ = _environ(folder, setting)
        address = ("--base-url", setting.base_url.format(url=url)) if setting.base_url else ()
        command = command_of(folder, *address, *setting.arguments)
        done = _run(command, folder, environ)
        if "\ngone " in done.stdout:  # as the screen advises: what the run makes stays for a while
            done = _run([*command, "--keep"], folder, environ)
        lines = done.stdout.rstrip().splitlines()
        return _pasted(screen, done.returncode, lines, folder, environ)


def _environ(folder: Path, setting: Setting) -> dict[str, str]:
    environ = environment_of(folder, **setting.variables)
    trusted = {"SSL_CERT_FILE": str(signer().file)}
    return environ | trusted | {"PATH": f"{BIN}{os.pathsep}{environ['PATH']}", "COLUMNS": "80"}


def _run(
    command: Sequence[str], folder: Path, environ: dict[str, str]
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603  (our own commands)
        command, cwd=folder, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace", check=False, timeout=180,
    )  # fmt: skip


def _pasted(
    screen: Screen, code: int, lines: list[str], folder: Path, environ: dict[str, str]
) -> Seen:
    rows = _last_rows(lines)
    curls = [row for row in rows if row.startswith("curl ")]
    again = next(
        (row.removeprefix("again").strip() for row in rows if row.startswith("again ")), ""
    )
    record = folder / ".smoke" / TARGET / "run.jsonl"
    wanted = _wanted(record, len(curls))
    answers: list[str] = []
    for _ in range(PASTES):
        answers = [_answer(line, folder, environ) for line in curls]
        if answers == wanted:
            break
    cause = re.search(r"^[A-Z]+ \((\w+)\)", "\n".join(rows), re.MULTILINE)
    repeated = _run(["/bin/bash", "-c", again], folder, environ).returncode if again else -1
    return Seen(
        screen, code, rows, cause[1] if cause else "", curls, answers, wanted, again, repeated
    )


def _last_rows(lines: list[str]) -> list[str]:
    """The lines that stand in the last rows of a terminal of 80 columns."""
    room = ROWS - 1  # the prompt takes a row
    found: list[str] = []
    for line in reversed(lines):
        room -= max(1, -(-len(line) // 80))
        if room < 0:
            break
        found.insert(0, line)
    return found


def _wanted(record: Path, many: int) -> list[str]:
    """The statuses that the run saw, of the failing exchange and of the write before it."""
    rows = [json.loads(line) for line in record.read_text("utf-8").splitlines()]
    sent = {row["number"]: row for row in rows if row["kind"] == "exchange"}
    checks = [row for row in rows if row["kind"] == "check" and row["outcome"] == "failed"]
    verdict = next(row for row in reversed(rows) if row["kind"] == "verdict")
    number = (checks[0] if checks else verdict).get("exchange", 0)
    if number not in sent:
        return []
    last = _status(sent[number]["status"])
    if many < 2:
        return [last]
    before = [row for n, row in sent.items() if n < number and row["method"] not in ("GET", "HEAD")
              and row["check"] == sent[number]["check"]]  # fmt: skip
    return [_status(before[-1]["status"]), last]


def _status(status: int | None) -> str:
    return str(status) if status else "no answer"


def _answer(line: str, folder: Path, environ: dict[str, str]) -> str:
    """The status that a pasted curl line gets."""
    done = _run(["/bin/bash", "-c", line], folder, environ)
    found = re.findall(r"^HTTP/[\d.]+ (\d{3})", done.stdout, re.MULTILINE)
    return found[-1] if found else "no answer"


def table(found: Sequence[Seen]) -> Iterator[str]:
    """The results as Markdown."""
    yield "# First screens"
    yield ""
    yield "Written by `nox -s prove -- screens`: each row is a run of the suite against a fault,"
    yield "the last 24 rows of its screen at 80 columns, the curl lines pasted into a shell while"
    yield "the fault stood, and the command behind `again` run once more."
    yield ""
    good = sum(one.right for one in found)
    yield f"{good} of {len(found)} as they should be."
    yield ""
    yield "| fault | named | cause | exit | curl answered | run saw | again |"
    yield "|---|---|---|---|---|---|---|"
    for one in found:
        named = "yes" if one.names_it else "**no**"
        yield (
            f"| {one.screen.kind} | {named} | {one.cause} | {one.exit} "
            f"| {', '.join(one.answers) or '**no line**'} | {', '.join(one.wanted)} "
            f"| {one.again_exit} |"
        )
    yield ""
    for one in found:
        yield f"<details><summary>{one.screen.kind}</summary>"
        yield ""
        yield "```text"
        yield from one.rows
        yield "```"
        yield ""
        yield "</details>"


def main(words: Sequence[str]) -> int:
    """Measure the faults that are named, or all of them, which also writes the table."""
    parser = argparse.ArgumentParser(prog="nox -s prove -- screens", description=__doc__)
    parser.add_argument("--kind", action="append", help="measure one kind (repeatable)")
    chosen = parser.parse_args(words).kind
    bench, found = Bench(), []
    try:
        for screen in SCREENS:
            if not chosen or screen.kind in chosen:
                found.append(seen(screen, bench))
                sys.stdout.write(f"{'ok' if found[-1].right else 'WRONG':<6} {screen.kind}\n")
                sys.stdout.flush()
    finally:
        bench.close()
    if not chosen:
        RESULTS.write_text("\n".join(table(found)) + "\n", encoding="utf-8")
    else:
        sys.stdout.write("\n".join(table(found)) + "\n")
    return int(not all(one.right for one in found))
