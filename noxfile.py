"""Sessions: `nox` alone runs lint, typecheck, tests and smoke; `nox -l` lists them all.

What follows `--` goes to pytest: `nox -s smoke -- -k auth --gate ai`. The environment is installed
again when pyproject.toml or uv.lock changes; `nox -R` never installs. Every package has the version
in uv.lock; `uv lock --upgrade` raises them.
"""

import os
import signal
import sys
import tomllib
from functools import partial
from hashlib import sha256
from pathlib import Path

import nox

nox.needs_version = ">=2026.2"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.error_on_external_run = True
nox.options.error_on_missing_interpreters = True

SMOKE = nox.project.load_toml("pyproject.toml")["tool"]["smoke"]
INSTALLED = [Path("pyproject.toml"), Path("uv.lock")]
UNVERIFIED = 2  # what a run that could not finish ends with
PATIENCE_S = 30
PYTHON = {"path": ".nox/environment/bin/python"}
shared = partial(nox.session, venv_backend="none", requires=["environment"])


@nox.session(default=False)
def environment(session: nox.Session) -> None:
    """The one environment that the other sessions run in; they make it when they need it."""
    PYTHON["path"] = f"{session.bin}/python"
    stamp = Path(session.bin).parent / "installed"
    wanted = sha256(b"".join(path.read_bytes() for path in INSTALLED if path.exists())).hexdigest()
    # An environment that is up to date needs no package index: it works offline and at once.
    if stamp.exists() and stamp.read_text() == wanted:
        return
    try:
        install(session, ".[local]", "lint", "typecheck", "tests")
    except nox.command.CommandFailed:
        session.warn("Nothing was verified. `nox -R` runs in the environment as it is.")
        sys.exit(UNVERIFIED)
    stamp.write_text(wanted)


def install(session: nox.Session, project: str, *groups: str) -> None:
    """Install this project with extras and dependency groups, in the versions of uv.lock."""
    path = Path(session.bin).parent / "constraints.txt"
    # Constraints, not `uv sync`: they come from the index that this machine is configured for.
    if session.venv_backend == "uv":
        export = ("uv", "export", "--frozen", "--quiet", "--no-emit-project", "--no-header")
        # With the hashes of the lock: uv then refuses a package that an index has replaced.
        session.run_install(*export, "--all-groups", "--all-extras", f"-o{path}", external=True)
    else:
        # pip refuses an editable project beside hashes, so it gets the versions alone.
        packages = tomllib.loads(Path("uv.lock").read_text(encoding="utf-8"))["package"]
        pins = (f"{p['name']}=={p['version']}\n" for p in packages if "registry" in p["source"])
        path.write_text("".join(pins), encoding="utf-8")
    session.install("-e", project, f"--constraint={path}", *(f"--group={name}" for name in groups))


def run(session: nox.Session, module: str, *arguments: str) -> None:
    """Run a module in the shared environment; nox ends with the code of a run, 1 for red."""
    session.env["PYTHONDONTWRITEBYTECODE"] = None  # without bytecode every run compiles its imports
    session.env["PYTHONOPTIMIZE"] = None  # it would remove assert statements
    words = (PYTHON["path"], "-m", module, *arguments)
    if module not in ("pytest", "smoke"):
        session.run(*words, external=True)
        return
    # SIGTERM becomes Ctrl-C: nox ends pytest then, which needs a while to remove what it made.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        session.run(*words, external=True, terminate_timeout=PATIENCE_S)
    except KeyboardInterrupt:
        sys.exit(UNVERIFIED)
    except nox.command.CommandFailed as failed:
        code = failed.return_code or 1
        if code != 1:
            sys.exit(UNVERIFIED if code < 0 else code)  # a signal killed it
        raise


@shared()
def lint(session: nox.Session) -> None:
    """Style (ruff) and layers (import-linter)."""
    run(session, "ruff", "check")
    run(session, "ruff", "format", "--check")
    layers = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    session.run(PYTHON["path"], "-c", layers, external=True)


@shared()
def typecheck(session: nox.Session) -> None:
    """Types (mypy --strict)."""
    run(session, "mypy")


@shared()
def tests(session: nox.Session) -> None:
    """The toolkit's own tests: offline, on loopback, in parallel."""
    # A worker that has run out of tests takes some of another one.
    run(session, "pytest", "-n", "auto", "--dist", "worksteal", *session.posargs)


@shared(default=False)
def browser(session: nox.Session) -> None:
    """The HTML report in a real browser (Debian's chromium and chromium-driver)."""
    run(session, "pytest", "tests/browser", *session.posargs)


@nox.session(default=False)
def fleet(session: nox.Session) -> None:
    """Fleets on real engines: a Temporal server, local CI runners, published schemas."""
    install(session, ".[local,temporal,store]", "tests", "fleet")
    session.run("pytest", "tests/fleet/engines", "--timeout=600", *session.posargs)


@shared(default=False)
def foreign(session: nox.Session) -> None:
    """Services of others from the package index, met as a stranger does, with the wheel."""
    run(session, "tests.onboarding.onboard", ".nox/foreign", *session.posargs)


@shared(default=False)
def prove(session: nox.Session) -> None:
    """Break the embedded service in many ways, and report which faults the suite detects."""
    run(session, "tests.faults", *session.posargs)


@shared(default=False)
def bench(session: nox.Session) -> None:
    """What a run and a plan cost, beside `st run` and other peers; red above the limits."""
    run(session, "tests.bench", *session.posargs)


@shared(default=False)
def readme(session: nox.Session) -> None:
    """The README's first commands: a fresh copy, an empty home, the system's Python."""
    run(session, "tests.readme_commands", *session.posargs)


@shared(default=False)
def pictures(session: nox.Session) -> None:
    """Make the README's pictures from a real red run (needs chromium: .ci/browser)."""
    run(session, "tests.pictures", *session.posargs)


@shared(default=False)
def contract(session: nox.Session) -> None:
    """Export the embedded service's OpenAPI document into openapi/."""
    run(session, "smoke", "contract", *session.posargs)


@shared(default=False)
def plan(session: nox.Session) -> None:
    """Build openapi/plan.json from the contract and the rules, and list the changes."""
    run(session, "smoke", "plan", *session.posargs)


@shared(default=False)
def ledger(session: nox.Session) -> None:
    """Print which check covers each operation, without sending anything."""
    run(session, "smoke", "ledger", *session.posargs)


def asked(words: list[str], targets: str) -> list[str]:
    """The words with the targets where they name none; `--target @tag` is one word for pytest.

    pytest takes a word that begins with `@` for a file of arguments.
    """
    named_words: list[str] = []
    for word in words:
        if named_words and named_words[-1] == "--target":
            named_words[-1] = f"--target={word}"
        else:
            named_words.append(word)
    named = any(word.startswith("--target=") for word in named_words)
    return named_words if named else [f"--target={targets}", *named_words]


def smoke_session(name: str, targets: str, *options: str) -> None:
    """Define a session that runs the smoke checks against a target, or several at once."""

    @nox.session(name=name, default=name == "smoke", venv_backend="none", requires=["environment"])
    def smoke(session: nox.Session) -> None:
        run(session, "smoke", "run", *options, *asked(session.posargs, targets))

    smoke.__doc__ = " ".join([f"Smoke checks against target {targets!r}.", *options])


TARGETS = os.environ.get("SMOKE_TARGET") or SMOKE["target"]
smoke_session("smoke", TARGETS)
smoke_session("smoke-quick", TARGETS, "--depth=quick")
for row in SMOKE["targets"]:
    if row != SMOKE["target"]:
        smoke_session(f"smoke-{row}", row)
