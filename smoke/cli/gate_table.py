"""The table of a target's gates, as a terminal shows it."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from smoke.config.gates import Gates, State
from smoke.config.table import OWN, SHARED

if TYPE_CHECKING:
    from smoke.contract import Contract
    from smoke.plan import Plan


def show(target: str, gates: Gates, contract: "Contract", plan: "Plan") -> None:
    """Print the gates, then how to open each gate that is not on."""
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for column in ("gate", "state", "source", "operations", "needs"):
        table.add_column(column, justify="right" if column == "operations" else "left")
    for gate in gates:
        held = [op for op in contract.operations.values() if plan.gate_of(op, gates) == gate]
        needs = ", ".join(gate.needs) or "-"
        table.add_row(gate.name, gate.state, gate.source, str(len(held)), needs)
    console = Console(highlight=False, markup=False)
    console.print(f"Gates of target {target}\n", style="bold")
    console.print(table)
    shut = [gate for gate in gates if gate.state is not State.ON]
    for number, gate in enumerate(shut):
        console.print(
            "" if number else "\n", f"{gate.name} is {gate.state}: {gate.shut_message}", sep=""
        )


def write_gates(root: Path, target: str, states: dict[str, str]) -> str:
    """Write the states into the row of a target; return a sentence about it.

    If the row cannot be edited safely, the file stays unchanged and the sentence has the line to
    paste.
    """
    name, prefix = (OWN, "") if (root / OWN).is_file() else (SHARED, "tool.smoke.")
    path = root / name
    header = f"[{prefix}targets.{target}]"
    pairs = ", ".join(f'{gate} = "{state}"' for gate, state in states.items())
    line = f"gates = {{ {pairs} }}"
    lines = path.read_text(encoding="utf-8").split("\n")
    places = [at for at, text in enumerate(lines) if text.split("#")[0].strip() == header]
    # A row that is missing or defined twice has no safe place for the line.
    at = places[0] if len(places) == 1 else None
    old = _old(lines, at) if at is not None else None
    if at is None or (old is not None and not re.fullmatch(r"gates = \{[^{}]*\}.*", lines[old])):
        return f"Paste into {header} of {name}:\n{line}"
    if old is None:
        lines.insert(at + 1, line)
    else:
        lines[old] = line
    path.write_text("\n".join(lines), encoding="utf-8", newline="\n")
    return f"{path}: {header} {line}"


def _old(lines: list[str], header: int) -> int | None:
    """The line number of the row's gates, or None if the next table begins first."""
    for at in range(header + 1, len(lines)):
        if lines[at].startswith("["):
            return None
        if lines[at].startswith("gates"):
            return at
    return None
