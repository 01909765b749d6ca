"""
Nox sessions for a project that uses smoke, in two lines of its noxfile.

    from smoke.nox import sessions

    sessions()

This defines `nox -s smoke` for the default target, `nox -s smoke-quick` for a quick run of it, and
`nox -s smoke-<target>` for each other target.
The sessions run in the environment of nox itself, which has smoke installed. nox exits with the
exit code of the run.
"""

import signal
import sys
from pathlib import Path

import nox

from smoke.config.table import load_table

# Seconds for the cleanup of a run that is asked to end, before nox kills it.
CLEANUP_S = 30


def sessions() -> None:
    """
    Define a session for each target of the configuration beside the noxfile.

    Raises:
        DataError: the configuration is missing, or cannot be read.
    """
    table = load_table(Path.cwd())
    default = str(table.get("target", "local"))
    _session("smoke", default, default=True)
    _session("smoke-quick", default, "--depth=quick")
    for name in table.get("targets", {}):
        if name != default:
            _session(f"smoke-{name}", name)


def _session(session_name: str, target: str, *options: str, default: bool = False) -> None:
    @nox.session(name=session_name, venv_backend="none", default=default)
    def run(session: nox.Session) -> None:
        words = [*options, *session.posargs]
        named = any(word == "--target" or word.startswith("--target=") for word in words)
        # A target on the command line replaces the target of the session.
        targets = () if named else (target,)
        # SIGTERM becomes Ctrl-C: nox then ends the run and waits until it has cleaned up.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        command = (sys.executable, "-m", "smoke", "run", *targets, *words)
        try:
            session.run(*command, external=True, terminate_timeout=CLEANUP_S)
        except KeyboardInterrupt:
            sys.exit(2)
        except nox.command.CommandFailed as failed:
            # nox would exit with 1 for every failure, but our exit code shows who must act.
            code = failed.return_code or 0
            # A negative code is the signal that killed the run: the run is unverified.
            sys.exit(code if code >= 0 else 2)

    run.__doc__ = " ".join([f"Smoke checks against target {target!r}.", *options])
