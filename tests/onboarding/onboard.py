"""
From an empty directory to a verdict about a service of others, with the wheel and as few words as
a stranger needs; beside it `st run` with the same header.

python -m tests.onboarding.onboard FOLDER [NAME…]   (FOLDER keeps the environments)
"""

import json
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from tests.onboarding.services import HERE, SERVICES, Service
from tests.smoking import ROOT, clean_environ, free_port

PATIENCE_S = 300
LIMIT_S = 900
OPENER = build_opener(ProxyHandler({}))


@dataclass
class Outcome:
    """What one service took, and gave."""

    name: str
    commands: list[str] = field(default_factory=list)
    lines: int = 0
    seconds: float = 0.0
    code: int = -1
    ledger: dict[str, int] = field(default_factory=dict)
    answered: int = 0
    requests: int = 0
    run_s: float = 0.0
    true: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)
    st_s: float = 0.0


def environment(folder: Path, *packages: str) -> Path:
    """The `bin` of a virtual environment with these packages; one that has them stays."""
    stamp = folder / "installed"
    if not stamp.exists() or stamp.read_text("utf-8") != " ".join(packages):
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)  # noqa: S603
        pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", *packages]
        subprocess.run(pip, check=True, timeout=LIMIT_S)  # noqa: S603
        stamp.write_text(" ".join(packages), "utf-8")
    return folder / "bin"


def wheel(folder: Path) -> Path:
    """The wheel of this checkout."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)  # noqa: S603
    return next(folder.glob("smoke_http-*.whl"))


@contextmanager
def running(service: Service, binaries: Path, home: Path) -> Iterator[str]:
    """The URL of the service, started for this block."""
    port = str(free_port())
    named = {"port": port, "home": str(home)}
    words = [word.format(**named) for word in service.start]
    environ = clean_environ() | {k: v.format(**named) for k, v in service.environ.items()}
    environ["PATH"] = f"{binaries}{os.pathsep}{os.environ['PATH']}"
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            [binaries / words[0], *words[1:]], env=environ, cwd=home, stdout=log, stderr=log
        )
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + PATIENCE_S
        while ask(service, url, service.ready)[0] != 200:
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{words[0]} did not start:\n{(home / 'log').read_text('utf-8')}")
            time.sleep(0.5)  # a program of others has no other way to say that it is ready
        yield url
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()


def ask(
    service: Service, url: str, path: str, method: str = "GET", body: Any = None
) -> tuple[int, Any]:
    """The status and the JSON of an answer; 0 if there is none."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(url + path, data, {"Content-Type": "application/json"}, method=method)  # noqa: S310
    if service.header:
        request.add_header(*service.header.split(": ", 1))
    try:
        with OPENER.open(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except HTTPError as error:
        return error.code, None
    except (OSError, ValueError):
        return 0, None


def onboard(name: str, smoke: Path, url: str, root: Path) -> Outcome:
    """Do what a stranger does, in an empty directory."""
    service, outcome = SERVICES[name], Outcome(name, ["pip install smoke-http"])
    theirs = {}
    for method, path, body, _ in service.theirs:
        ask(service, url, path, method, body)
    # Only now: what is made later may show in what was made before.
    for *_, shown in service.theirs:
        theirs[shown] = ask(service, url, shown)
    began = time.monotonic()
    words = ["init", url]
    words += ["--openapi", url + service.openapi] if service.openapi else []
    words += ["--header", service.header] if service.header else []
    typed(outcome, smoke, root, words, service.variables)
    rules = (HERE / f"{name}.toml").read_text("utf-8")
    outcome.lines = sum(1 for line in rules.splitlines() if line.strip())
    with (root / "openapi/rules.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{rules}")
    typed(outcome, smoke, root, ["plan"], service.variables)
    before = time.monotonic()
    outcome.code = typed(outcome, smoke, root, ["run", "--", "--maxfail=0"], service.variables)
    outcome.run_s = time.monotonic() - before
    outcome.seconds = time.monotonic() - began
    read(outcome, service, root / ".smoke/local")
    outcome.touched = [path for path, was in theirs.items() if ask(service, url, path) != was]
    return outcome


def typed(
    outcome: Outcome, smoke: Path, root: Path, words: list[str], variables: Mapping[str, str]
) -> int:
    """Run one command of the wheel, as typed."""
    outcome.commands.append(" ".join(["smoke", *words]))
    done = subprocess.run(  # noqa: S603
        [smoke / "smoke", *words], cwd=root, env=clean_environ(**variables), capture_output=True,
        text=True, timeout=LIMIT_S, check=False,
    )  # fmt: skip
    (root / f"{words[0]}.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode not in (0, 1):
        sys.exit(f"smoke {' '.join(words)}:\n{done.stdout}{done.stderr}")
    return done.returncode


def read(outcome: Outcome, service: Service, folder: Path) -> None:
    """Take the figures from the run's own files."""
    verdict = json.loads((folder / "verdict.json").read_text("utf-8"))
    outcome.ledger = verdict["operations"]
    rows = [json.loads(line) for line in (folder / "run.jsonl").read_text("utf-8").splitlines()]
    sent = [row for row in rows if row["kind"] == "exchange"]
    outcome.requests = len(sent)
    outcome.answered = len({row["operation"] for row in sent if (row["status"] or 0) // 100 == 2})
    for row in rows:
        if row["kind"] == "check" and row["outcome"] == "failed":
            known = service.findings.get(row["check"])
            found = outcome.false if known is None else outcome.true
            found.append(f"{row['reason']} ({known})" if known else row["reason"])


def beside(service: Service, st: Path, root: Path) -> float:
    """The seconds of `st run` with one example for each operation and the same header."""
    contract = next((root / "openapi").glob("openapi.*"))
    target = tomllib.loads((root / "smoke.toml").read_text("utf-8"))["targets"]["local"]
    words = ["run", contract, "--url", target["base_url"], "-n", "1"]
    words += ["--header", service.header] if service.header else []
    began = time.monotonic()
    with suppress(subprocess.TimeoutExpired):  # then it took at least that long
        subprocess.run(  # noqa: S603
            [st / "st", *words], cwd=root, env=clean_environ(), capture_output=True, check=False,
            timeout=LIMIT_S,
        )  # fmt: skip
    return time.monotonic() - began


def shown(outcome: Outcome) -> str:
    """One service, to read."""
    counts = ", ".join(f"{count} {state}" for state, count in outcome.ledger.items() if count)
    possible = sum(outcome.ledger.values()) - SERVICES[outcome.name].beyond
    lines = [
        f"{outcome.name}: {len(outcome.commands)} commands, {outcome.lines} lines of rules, "
        f"{outcome.seconds / 60:.1f} min, exit code {outcome.code}",
        f"  operations: {counts}",
        f"  {outcome.answered} of {possible} that a person can make succeed answered a success "
        f"({outcome.answered / possible:.0%}), as documented or not",
        f"  {outcome.requests} requests in {outcome.run_s:.1f} s; st run: {outcome.st_s:.1f} s",
        *(f"  true:  {line}" for line in outcome.true),
        *(f"  FALSE: {line}" for line in outcome.false),
        *(f"  TOUCHED: {line}" for line in outcome.touched),
    ]
    return "\n".join(lines)


def main(folder: str, *names: str) -> int:
    """Meet each service; 1 if a red was the suite's own fault, or a foreign thing was touched."""
    keep = Path(folder).resolve()
    keep.mkdir(parents=True, exist_ok=True)
    failed = False
    with TemporaryDirectory() as made:
        built = wheel(Path(made))
        smoke = environment(Path(made) / "smoke", str(built))
        for name in names or SERVICES:
            service = SERVICES[name]
            binaries = environment(keep / name, *service.packages)
            home, root = Path(made) / f"{name}-home", Path(made) / name
            home.mkdir()
            root.mkdir()
            with running(service, binaries, home) as url:
                outcome = onboard(name, smoke, url, root)
                outcome.st_s = beside(service, Path(sys.executable).parent, root)
            sys.stdout.write(f"{shown(outcome)}\n")
            sys.stdout.flush()
            failed = failed or bool(outcome.false or outcome.touched)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
