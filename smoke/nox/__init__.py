"""
Nox sessions for a project that uses smoke, in two lines of its noxfile.

    from smoke.nox import sessions

    sessions()

gives `nox -s smoke` for the default target and `nox -s smoke-<target>` for each other one. They run
in the environment that runs nox, where smoke is installed already. nox ends with the exit code of
the run.
"""

import sys
from pathlib import Path

import nox

from smoke.config.table import load_table


def sessions() -> None:
    """
    Define a session for each target of the configuration beside the noxfile.

    Raises:
        DataError: there is no configuration, or it cannot be read.
    """
    table = load_table(Path.cwd())
    default = str(table.get("target", "local"))
    for name in dict.fromkeys([default, *table.get("targets", {})]):
        _session("smoke" if name == default else f"smoke-{name}", name, default=name == default)


def _session(session_name: str, target: str, *, default: bool) -> None:
    @nox.session(name=session_name, venv_backend="none", default=default)
    def run(session: nox.Session) -> None:
        words = session.posargs
        named = any(word == "--target" or word.startswith("--target=") for word in words)
        targets = () if named else (target,)
        try:
            session.run(sys.executable, "-m", "smoke", "run", *targets, *words, external=True)
        except nox.command.CommandFailed as failed:
            # nox would end with 1 for every failure, but the code says who must act.
            code = failed.return_code or 0
            sys.exit(code if code >= 0 else 2)

    run.__doc__ = f"Smoke checks against target {target!r}."
