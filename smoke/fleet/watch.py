"""The status of a fleet on a terminal: a table and a progress bar."""

import time

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from smoke.fleet.status import LOST, RUNNING, TICK_S, WAITING, Status, counted, is_over

STYLES = {"green": "green", "red": "red", "misused": "yellow", "unverified": "yellow", LOST: "red"}
# The table names this many targets of a state; it only counts the others.
LISTED = 15


def show(status: Status, *, watch: bool) -> bool:
    """Print the status, or update it until the run is over; return whether all targets are done."""
    console = Console(highlight=False)
    states = status.states()
    if not watch:
        console.print(_picture(states))
        return _complete(states)
    with Live(_picture(states), console=console, refresh_per_second=4) as live:
        while not is_over(states):
            time.sleep(TICK_S)
            states = status.states()
            live.update(_picture(states))
    return _complete(states)


def _complete(states: dict[str, str]) -> bool:
    return not {LOST, RUNNING, WAITING}.intersection(states.values())


def _picture(states: dict[str, str]) -> Group:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for column in ("state", "targets", ""):
        table.add_column(column)
    for state, count in counted(states):
        named = [name for name, found in states.items() if found == state]
        few = ", ".join(named[:LISTED]) + (", …" if count > LISTED else "")
        shown = few if state not in ("green", WAITING) or count <= LISTED else ""
        table.add_row(Text(state, STYLES.get(state, "")), str(count), Text(shown))
    bar = Progress(TextColumn("done"), BarColumn(), MofNCompleteColumn())
    done = sum(state not in (LOST, RUNNING, WAITING) for state in states.values())
    bar.add_task("", total=len(states), completed=done)
    return Group(table, bar)
