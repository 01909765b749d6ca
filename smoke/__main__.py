"""`python -m smoke`: the same as the command `smoke`."""

import sys

MISSING = """\
{python} does not have the package {name!r} that smoke needs. Nothing was run.
In a checkout:  python3 -m venv .venv && .venv/bin/pip install "nox[uv]" && .venv/bin/nox -s smoke
Anywhere else:  python3 -m venv .venv && .venv/bin/pip install smoke-http
"""

MISUSED = 4  # smoke.errors.Exit has it, too, but that may be what cannot be imported

if __name__ == "__main__":
    try:
        from smoke.cli.start import run

        code = run()
    except ModuleNotFoundError as missing:
        if str(missing.name).partition(".")[0] == "smoke":
            raise
        sys.stderr.write(MISSING.format(python=sys.executable, name=missing.name))
        sys.exit(MISUSED)
    sys.exit(code)
