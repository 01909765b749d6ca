"""
Depth: which hand-written checks a quick run has beside the plan's own requests.

A quick run sees each operation succeed once. The plan's request proves that for the fewest
requests; a hand-written check expects more of the answers, and may see several operations succeed.
`choose` takes the checks that the plan cannot replace, then those that expect the most for each
further request, within the limits. The choice is a file beside the plan, to be committed and
reviewed.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from smoke.documents import TextError, UnreadableError, parse_json, read_text
from smoke.errors import DataError
from smoke.plan.model import Entry, Plan

# Requests that a quick run may send for each operation.
REQUESTS_PER_OPERATION = 1.4

# The sign-in of an actor, and its sign-out at the end.
REQUESTS_OF_ACTOR = 2

# The requests of a shared fixture, for setup and cleanup. A record does not tell them from those
# of the check that needed the fixture first.
REQUESTS_OF_FIXTURE = 4


class Depth(StrEnum):
    """The depth of a run."""

    QUICK = "quick"
    FULL = "full"


@dataclass(frozen=True)
class Cost:
    """
    What a check sent in a full run, without the sign-ins of its actors, and what it proved.

    `fixtures` are the project's fixtures that send requests for it. `sees` are the operations that
    it saw succeed, `refuses` the refusals that it expected: operations with their statuses.
    """

    requests: int
    sign_ins: int = 0
    actors: frozenset[str] = frozenset()
    fixtures: frozenset[str] = frozenset()
    sees: frozenset[str] = frozenset()
    refuses: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Sent:
    """
    What a quick run sends beside hand-written checks: `always`, and entries of the plan.

    `further` are the requests that read back what an entry writes, by its name.
    """

    plan: Plan
    entries: Sequence[Entry]
    always: Cost
    further: Mapping[str, int] = field(default_factory=dict)
    sign_in: frozenset[str] = frozenset()

    def estimate(self, chosen: Iterable[Cost]) -> tuple[int, int]:
        """The requests and the sign-ins of a run with the chosen checks."""
        costs = [self.always, *chosen]
        seen = frozenset().union(*(cost.sees for cost in costs))
        wanted = {entry.name for entry in self.entries if entry.operation not in seen}
        rest = self.plan.closure(wanted)
        actors = {entry.actor for entry in rest}.union(*(cost.actors for cost in costs))
        actors -= {"anonymous"}
        fixtures = frozenset().union(*(cost.fixtures for cost in costs))
        requests = sum(cost.requests for cost in costs) + REQUESTS_OF_ACTOR * len(actors)
        requests += REQUESTS_OF_FIXTURE * len(fixtures)
        requests += sum(1 + self.further.get(entry.name, 0) for entry in rest)
        sign_ins = len(actors) + sum(cost.sign_ins for cost in costs)
        sign_ins += sum(entry.operation in self.sign_in and 200 in entry.expect for entry in rest)
        return requests, sign_ins


@dataclass(frozen=True)
class Limit:
    """What a quick run may cost."""

    requests: int
    sign_ins: int

    def allows(self, estimate: tuple[int, int]) -> bool:
        """Whether an estimate of requests and sign-ins is within the limit."""
        return estimate[0] <= self.requests and estimate[1] <= self.sign_ins


def choose(sent: Sent, costs: Mapping[str, Cost], limit: Limit) -> list[str]:
    """
    Return the checks of a quick run, in the order of `costs`.

    First those that alone see an operation succeed, then those that state the most for each further
    request, all within the limit.
    """
    planned = {entry.operation for entry in sent.entries} | sent.always.sees
    seen = frozenset().union(*(cost.sees for cost in costs.values()))
    chosen = list[str]()
    for name in cover(seen - planned, {name: cost.sees for name, cost in costs.items()}):
        if limit.allows(sent.estimate(costs[one] for one in (*chosen, name))):
            chosen.append(name)
    while found := _best(sent, costs, chosen, limit):
        chosen.append(found)
    return [name for name in costs if name in chosen]


def cover(lacking: Iterable[str], checks: Mapping[str, Iterable[str]]) -> list[str]:
    """Return checks that together see the lacking operations succeed: a greedy set cover."""
    left, chosen = set(lacking), list[str]()
    while left:
        # Of checks that see equally many, the one that sees the fewest others sends the least.
        ranks = {
            name: (len(left.intersection(sees)), -len(set(sees)))
            for name, sees in checks.items()
            if left.intersection(sees)
        }
        if not ranks:
            break
        chosen.append(max(ranks, key=lambda name: ranks[name]))
        left.difference_update(checks[chosen[-1]])
    return chosen


def _best(sent: Sent, costs: Mapping[str, Cost], chosen: Sequence[str], limit: Limit) -> str | None:
    """The check that states the most for each further request, if one is within the limit."""
    have = [costs[name] for name in chosen]
    before, _ = sent.estimate(have)
    known = frozenset().union(*(cost.refuses for cost in have))
    best, most = None, 0.0
    for name, cost in costs.items():
        after = sent.estimate([*have, cost])
        # A check in place of entries of the plan may even save requests.
        states = 1 + len(cost.refuses - known)
        gain = states / max(after[0] - before, 0.5)
        if name not in chosen and gain > most and limit.allows(after):
            best, most = name, gain
    return best


@dataclass(frozen=True)
class Quick:
    """The chosen checks of a plan, as the file beside it has them."""

    # The requests of each chosen check.
    checks: Mapping[str, int] = field(default_factory=dict)

    requests: int = 0
    sign_ins: int = 0

    def text(self) -> str:
        """The text of the file."""
        estimate = {"requests": self.requests, "sign_ins": self.sign_ins}
        return json.dumps({"estimate": estimate, "checks": dict(self.checks)}, indent=1) + "\n"


def beside(plan: Path) -> Path:
    """The file of the quick run that belongs to a plan."""
    return plan.with_suffix(".quick.json")


def load(path: Path) -> Quick:
    """
    Return the choice in a file; without the file nothing is chosen.

    Raises:
        DataError: the file is not a choice.
    """
    if not path.exists():
        return Quick()
    try:
        document = parse_json(read_text(path))
    except UnreadableError as error:
        raise DataError(f"{path}: cannot be read: {error.reason}.") from None
    except TextError as error:
        raise DataError(f"{path}:{error.place}: {error.problem}. {AGAIN}") from None
    checks = document.get("checks") if isinstance(document, dict) else None
    if not isinstance(checks, dict):
        raise DataError(f"{path}: not a choice of checks for a quick run. {AGAIN}")
    return Quick(checks)


AGAIN = "Choose again: smoke plan --quick RECORD."
