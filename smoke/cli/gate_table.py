"""The table of a target's gates, as a terminal shows it."""

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from smoke.config.gates import Gates, State

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
