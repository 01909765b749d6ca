"""Sessions: `nox` alone runs lint, typecheck, tests and smoke; `nox -l` lists them all.

What follows `--` goes to pytest: `nox -s smoke -- -k auth --gate ai`.
"""

import nox

nox.needs_version = ">=2026.2"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.error_on_external_run = True
nox.options.error_on_missing_interpreters = True

PROJECT = nox.project.load_toml("pyproject.toml")


def install(session: nox.Session, *groups: str) -> None:
    """Install the project with the embedded service, and the named dependency groups."""
    session.env["PYTHONDONTWRITEBYTECODE"] = None  # without bytecode every run compiles its imports
    session.install("-e", ".[local]", *(f"--group={group}" for group in groups))


def pytest(session: nox.Session, *arguments: str) -> None:
    """Run pytest in the session's environment."""
    session.run("python", "-m", "pytest", *arguments, *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Style (ruff) and layers (import-linter)."""
    install(session, "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports")


@nox.session
def typecheck(session: nox.Session) -> None:
    """Types (mypy --strict)."""
    install(session, "typecheck", "tests")
    session.run("mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """The toolkit's own tests: offline, on loopback, in parallel."""
    install(session, "tests")
    pytest(session, "-n", "auto")


def smoke_session(target: str) -> None:
    """Define the session that runs the smoke checks against one target."""
    name = "smoke" if target == PROJECT["tool"]["smoke"]["target"] else f"smoke-{target}"

    @nox.session(name=name, default=name == "smoke")
    def smoke(session: nox.Session) -> None:
        install(session)
        pytest(session, "--target", target)

    smoke.__doc__ = f"Smoke checks against target {target!r}."


for row in PROJECT["tool"]["smoke"]["targets"]:
    smoke_session(row)
