"""Drafts: requests that the builder still changes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from smoke.config.rules import Excepted, Rule
from smoke.contract import Operation
from smoke.plan.build.examples import Example
from smoke.plan.values import mark_of, references


@dataclass(slots=True)
class Draft:
    """
    One request; `literal` is its body with generated values in place of references.

    `fixed` has the places with a value that a person chose. `undecided` is the reason why a person
    must decide before the request is sent.
    """

    name: str
    operation: Operation
    rule: Rule
    places: tuple[str, ...] = ()
    actor: str = ""
    phase: str = ""
    media_type: str | None = None
    example: Example = field(default_factory=Example)
    values: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {"path": {}, "query": {}, "headers": {}}
    )
    literal: Any = None
    body: Any = None
    creates: str | None = None
    destructive: bool = False
    ends_session: bool = False
    excepted: Excepted | None = None
    problem: str | None = None
    waits_for: str = ""
    undecided: str = ""
    fixed: set[str] = field(default_factory=set)
    sources: dict[str, str] = field(default_factory=dict)
    needs: list[str] = field(default_factory=list)

    @property
    def sent(self) -> bool:
        """Whether it is sent to at least one target."""
        if self.problem is not None or self.undecided:
            return False
        return self.excepted is None or bool(self.excepted.targets)

    def references(self) -> Iterator[dict[str, Any]]:
        """Every reference in the request."""
        yield from references(self.values)
        yield from references(self.body)

    def filled(self) -> dict[str, dict[str, Any]]:
        """A copy of the values and of their sources, as they are now."""
        return {
            **{place: dict(row) for place, row in self.values.items()},
            "sources": {**self.sources},
        }

    def unlink(self, location: str, name: str, filled: dict[str, dict[str, Any]]) -> None:
        """Take back the reference of an earlier pass: its maker may not be sent any more."""
        if mark_of(self.values[location].get(name)) != "$from":
            return
        rows = (
            (self.values[location], location, name),
            (self.sources, "sources", f"{location}/{name}"),
        )
        for row, first, key in rows:
            row.pop(key, None)
            if key in filled[first]:
                row[key] = filled[first][key]

    def need(self, name: str) -> None:
        """Note that an entry must have succeeded before."""
        if name not in self.needs and name != self.name:
            self.needs.append(name)
