"""
Makes the pictures of the README from one real red run: its screen as SVG, its report as PNG.

`nox -s pictures` runs it. The run asks the embedded service through a proxy that plants one fault,
so that the pictures show what a reader would see.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

from tests.browser.conftest import started_browser
from tests.faults.catalogue import ENTRIES
from tests.faults.deployment import Bench, environment
from tests.smoking import ROOT

FAULT = "messages_lose_the_answer"
"""The entry of the fault catalogue that is planted: a conversation without its answer."""

COLUMNS, ROWS = 96, 30
"""The size of the terminal in the picture: the last rows of the run are shown."""

PICTURES = ROOT / "docs/pictures"


def main() -> int:
    """Run the suite against the broken service and write both pictures."""
    entry = ENTRIES[FAULT]
    bench = Bench()
    with tempfile.TemporaryDirectory() as folder:
        try:
            with bench.deployed(entry) as url:
                screen = _run(url, Path(folder))
        finally:
            bench.close()
        PICTURES.mkdir(parents=True, exist_ok=True)
        _draw(screen, PICTURES / "red.svg")
        _photograph(Path(folder) / "staging" / "report.html", PICTURES / "report.png")
    return 0


def _run(url: str, records: Path) -> str:
    """The last screen of a run in colour, as text with ANSI escapes."""
    command = [
        sys.executable, "-m", "pytest", "--target=staging", f"--base-url={url}",
        f"--records={records}", "--color=yes",
    ]  # fmt: skip
    environ = environment(COLUMNS=str(COLUMNS), SMOKE_USER_PASSWORD="a password of no account")
    done = subprocess.run(  # noqa: S603  # our own command
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    shown = done.stdout.replace(str(records), ".smoke").replace(url, "https://staging.example.com")
    return "\n".join(shown.rstrip().splitlines()[-ROWS:])


def _draw(screen: str, path: Path) -> None:
    console = Console(record=True, width=COLUMNS, file=open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
    console.print(Text.from_ansi(f"$ nox -s smoke-staging\n{screen}"), soft_wrap=True)
    console.save_svg(str(path), title="nox -s smoke-staging", theme=DIMMED_MONOKAI)


def _photograph(page: Path, path: Path) -> None:
    browser = started_browser()
    try:
        browser.set_window_size(1280, 800)
        browser.get(page.as_uri())
        browser.save_screenshot(str(path))
    finally:
        browser.quit()
    if shutil.which("optipng"):
        subprocess.run(["optipng", "-quiet", str(path)], check=False)  # noqa: S603, S607


if __name__ == "__main__":
    sys.exit(main())
