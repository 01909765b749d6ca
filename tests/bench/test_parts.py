"""The command line of the benchmarks."""

import subprocess
import sys

from tests.smoking import ROOT, clean_environ


def bench(*words: str) -> tuple[int, str]:
    """Run the benchmarks; these words measure nothing."""
    done = subprocess.run(  # noqa: S603  (our own commands)
        [sys.executable, "-m", "tests.bench", *words],
        cwd=ROOT,
        env=clean_environ(COLUMNS="200"),
        capture_output=True,
        text=True,
        check=False,
        timeout=55,
    )
    return done.returncode, done.stdout + done.stderr


def test_help_names_the_parts() -> None:
    code, out = bench("--help")
    assert (code, "Traceback" in out) == (0, False), out
    assert "passes, plans, overhead, peers, start" in out


def test_unknown_part_is_refused() -> None:
    code, out = bench("start", "nonsense")
    assert code == 2, out
    assert out.endswith(
        "unknown part: 'nonsense'. The parts are passes, plans, overhead, peers, start.\n"
    )
