"""
Gates: optional surfaces of the service, one row of `[tool.smoke.gates]` each.

A gate is `on` (its surface must work), `off` (the run skips its checks and operations and reports
the reason) or `absent` (the service must refuse with a status that the contract documents).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from smoke.errors import ConfigError, nearest

FLAG_PREFIX = "SMOKE_ENABLE_"


class State(StrEnum):
    """The expectation of a run for a gate's surface."""

    ON = "on"
    OFF = "off"
    ABSENT = "absent"


WORDS = {"1": State.ON, "true": State.ON, "0": State.OFF, "false": State.OFF} | {
    state.value: state for state in State
}


@dataclass(frozen=True)
class Gate:
    """
    One optional surface, and the state this run expects of it.

    `covers` holds operation ids (globs allowed) and `tag:<name>` entries; `shut` says why the gate
    may be closed; `needs` names environment variables the run must have while it is on; `setting`
    is the deployment's own switch; `refusal` lists the statuses of an absent surface.
    """

    name: str
    covers: tuple[str, ...]
    shut: str
    needs: tuple[str, ...] = ()
    setting: str = ""
    refusal: tuple[int, ...] = (403, 404)
    state: State = State.OFF
    source: str = "default"

    @property
    def flag(self) -> str:
        """The environment variable that opens or shuts this gate."""
        return FLAG_PREFIX + self.name.upper()

    @property
    def shut_message(self) -> str:
        """Why the gate may be closed, and what opens it."""
        return f"{self.shut}; {self.flag}=1 opens it"

    @property
    def hint(self) -> str:
        """The advice for a gate that is on while its surface does not answer."""
        setting = f"set {self.setting}=true on the deployment" if self.setting else self.shut
        return f"gate {self.name} is on ({self.source}): {setting}, or shut it: {self.flag}=0"

    def holds(self, operation: str, tags: Iterable[str]) -> bool:
        """Return whether an operation belongs to this gate's surface."""
        tagged = {f"tag:{tag}" for tag in tags}
        return any(row in tagged or fnmatchcase(operation, row) for row in self.covers)


@dataclass(frozen=True)
class Gates:
    """The table of gates with the state each has in this run."""

    rows: tuple[Gate, ...] = ()

    def __iter__(self) -> Iterator[Gate]:
        return iter(self.rows)

    def get(self, name: str) -> Gate | None:
        """Return the gate of that name; None if the table has no such gate."""
        return next((gate for gate in self.rows if gate.name == name), None)

    def of(self, operation: str, tags: Iterable[str]) -> Gate | None:
        """Return the first gate whose surface holds the operation."""
        tags = tuple(tags)
        return next((gate for gate in self.rows if gate.holds(operation, tags)), None)


def read_gates(
    table: Mapping[str, Any],
    target_states: Mapping[str, Any],
    environ: Mapping[str, str],
    flags: Sequence[str],
    mistakes: list[str],
) -> Gates:
    """
    Return the gates with their states: flags first, then the environment, then the file.

    The schema has accepted the rows. `flags` are `name` or `name=state`, in the order given.
    The function appends mistakes and raises none, so that a run reports all of them together.
    """
    # Later sources win: the file, then the environment, then the command line.
    chosen = _from_target(table, target_states, mistakes)
    chosen |= _from_environ(table, environ, mistakes)
    chosen |= _from_flags(table, flags, mistakes)
    rows = [_gate(name, row, *chosen.get(name, UNASKED)) for name, row in table.items()]
    for gate in rows:
        mistakes += _missing_needs(gate, environ)
    return Gates(tuple(rows))


def must_cover(gates: Gates, covered: Iterable[Gate | None], contract: str) -> None:
    """
    Stop if a gate covers no operation: it would promise a check that never runs.

    Raises:
        ConfigError: with one line for each such gate.
    """
    names = {gate.name for gate in covered if gate is not None}
    empty = [gate for gate in gates if gate.name not in names]
    if empty:
        raise ConfigError(
            f"[tool.smoke.gates.{gate.name}] covers no operation of {contract}: "
            f"{', '.join(gate.covers)}. Correct covers, or remove the gate."
            for gate in empty
        )


def _gate(name: str, row: Mapping[str, Any], state: State, source: str) -> Gate:
    return Gate(
        name=name,
        covers=tuple(row.get("covers", ())),
        shut=row.get("shut", "not asked for"),
        needs=tuple(row.get("needs", ())),
        setting=row.get("setting", ""),
        refusal=tuple(row.get("refusal", (403, 404))),
        state=state,
        source=source,
    )


def _missing_needs(gate: Gate, environ: Mapping[str, str]) -> list[str]:
    if gate.state is not State.ON:
        return []
    return [
        f"Gate {gate.name!r} is on ({gate.source}) but {need} is not set. "
        f"Set it, or shut the gate with {gate.flag}=0."
        for need in gate.needs
        if not environ.get(need)
    ]


# The state of each gate by name, and the source that sets it.
Chosen = dict[str, tuple[State, str]]

UNASKED = (State.OFF, "default")


def _from_target(
    table: Mapping[str, Any], states: Mapping[str, Any], mistakes: list[str]
) -> Chosen:
    chosen: Chosen = {}
    everything = states.get("*")
    for name in table:
        word = states.get(name, everything)
        if word is not None:
            chosen |= _choose(table, name, str(word), "file", f"gates.{name}", mistakes)
    for name in states:
        if name != "*" and name not in table:
            mistakes.append(_unknown(f"gates.{name} of the target", name, table))
    return chosen


def _from_environ(
    table: Mapping[str, Any], environ: Mapping[str, str], mistakes: list[str]
) -> Chosen:
    chosen: Chosen = {}
    for variable, word in environ.items():
        if variable.startswith(FLAG_PREFIX):
            name = variable.removeprefix(FLAG_PREFIX).lower()
            chosen |= _choose(table, name, word, variable, variable, mistakes)
    return chosen


def _from_flags(table: Mapping[str, Any], flags: Sequence[str], mistakes: list[str]) -> Chosen:
    chosen: Chosen = {}
    for flag in flags:
        name, _, word = flag.partition("=")
        chosen |= _choose(table, name, word or "on", "--gate", f"--gate {flag}", mistakes)
    return chosen


def _choose(
    table: Mapping[str, Any], name: str, word: str, source: str, place: str, mistakes: list[str]
) -> Chosen:
    state = WORDS.get(word.strip().lower())
    if name not in table:
        mistakes.append(_unknown(place, name, table))
    elif state is None:
        mistakes.append(f"{place} is {word!r}. Allowed: on (1), off (0), absent.")
    else:
        return {name: (state, source)}
    return {}


def _unknown(place: str, name: str, table: Mapping[str, Any]) -> str:
    return (
        f"{place} names an unknown gate {name!r}. Gates: {', '.join(table) or 'none'}."
        f"{nearest(name, table)}"
    )
