"""RESULTS.md of the bench: a table for each condition, and a plot of the wall times."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.peers import Result

FILE = Path(__file__).with_name("RESULTS.md")
PLOT = FILE.with_name("peers.svg")

HEAD = """\
# What a run costs, beside its peers

Written by `nox -s bench -- peers`, in one run on one machine: take the ratios, not the seconds.
Each peer works on a fresh embedded service, which counts the requests itself. An operation
counts when it answered with its documented success. *Bare replay* sends again what our run had
sent, with httpx alone: the floor. It reaches fewer operations where an answer depends on the moment
(one-time codes, signed URLs, sessions that end). On a busy machine all times are longer.

![Wall time by condition](peers.svg)
"""
ROW = re.compile(
    r"\| ([^|]+?)(?: \(exit (\d+)\))? \| (\d+) \| (\d+) \| (\d+) "
    r"\| ([\d.]+) s \| [^|]* \| ([\d.]+) s \|"
)
COLOURS = ("#1f6f43", "#4fae7b", "#8a8a8a", "#c4c4c4", "#c0562b", "#3c6fb0", "#8059a8")
BAR, GAP, LEFT, WIDTH = 14, 16, 240, 760
FLOOR = "bare replay of full"


def text(results: Sequence[Result]) -> str:
    """The whole file."""
    tables = (_table(name, _of(results, name)) for name in _names(results))
    return "\n".join([HEAD, *tables])


def _names(results: Sequence[Result]) -> list[str]:
    return list(dict.fromkeys(one.condition for one in results))


def _of(results: Sequence[Result], condition: str) -> list[Result]:
    return [one for one in results if one.condition == condition]


def _table(condition: str, results: Sequence[Result]) -> str:
    floor = _floor(results)
    lines = [
        f"## {condition}",
        "",
        "| peer | operations | requests | sign-ins | wall | wall / floor | client CPU |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in results:
        ratio = f"{one.wall_s / floor:.2f}"
        ended = "" if one.code == 0 else f" (exit {one.code})"
        lines.append(
            f"| {one.peer}{ended} | {one.operations} | {one.requests} | {one.sign_ins} "
            f"| {one.wall_s:.1f} s | {ratio} | {one.cpu_s:.1f} s |"
        )
    return "\n".join([*lines, ""])


def plot(results: Sequence[Result]) -> str:
    """Bars of the wall times as multiples of the floor, grouped by condition, as SVG."""
    peers = list(dict.fromkeys(one.peer for one in results))
    colours = dict(zip(peers, COLOURS, strict=False))
    multiples = [one.wall_s / _floor(_of(results, one.condition)) for one in results]
    scale = (WIDTH - LEFT - 60) / max(multiples, default=1.0)
    rows = list(_bars(results, colours, scale))
    height = int(rows[-1][0]) + BAR + GAP if rows else GAP
    body = "\n".join(line for _, line in rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'font-family="sans-serif" font-size="11">\n'
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>\n{body}\n</svg>\n'
    )


def _floor(results: Sequence[Result]) -> float:
    """The wall time of the floor under one condition; 1 where it was not measured."""
    return next((one.wall_s for one in results if one.peer == FLOOR), 1.0)


def _bars(
    results: Sequence[Result], colours: dict[str, str], scale: float
) -> Iterator[tuple[float, str]]:
    """Each line of the picture with its height from the top."""
    top = float(GAP)
    for name in _names(results):
        here = _of(results, name)
        title = f"{name}: wall time, as a multiple of a bare replay of the full run"
        yield top, f'<text x="8" y="{top + 10}" font-weight="bold">{title}</text>'
        top += BAR + 4
        for one in here:
            multiple = one.wall_s / _floor(here)
            length = max(multiple * scale, 1.0)
            label = f"{one.peer} ({one.operations} operations)"
            yield (
                top,
                f'<text x="{LEFT - 8}" y="{top + 10}" text-anchor="end">{label}</text>'
                f'<rect x="{LEFT}" y="{top}" width="{length:.1f}" height="{BAR - 2}" '
                f'fill="{colours.get(one.peer, "#000")}"/>'
                f'<text x="{LEFT + length + 5:.1f}" y="{top + 10}">{multiple:.2f}</text>',
            )
            top += BAR
        top += GAP


def write(results: Sequence[Result]) -> None:
    """Write both files; a condition that was not measured now stays as it was."""
    old = read(FILE.read_text(encoding="utf-8")) if FILE.exists() else []
    measured = _names(results)
    whole = [*(one for one in old if one.condition not in measured), *results]
    FILE.write_text(text(whole), encoding="utf-8")
    PLOT.write_text(plot(whole), encoding="utf-8")


def read(written: str) -> list[Result]:
    """The results in the text of the file."""
    found, condition = [], ""
    for line in written.splitlines():
        if line.startswith("## "):
            condition = line[3:]
        elif row := ROW.fullmatch(line):
            peer, code, operations, requests, sign_ins, wall, cpu = row.groups()
            counts = (int(operations), int(requests), int(sign_ins))
            found.append(Result(condition, peer, *counts, float(wall), float(cpu), int(code or 0)))
    return found
