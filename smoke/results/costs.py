"""The cost of each check in the record of a full run: what it sent, and what it proved."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from smoke.plan.depth import Cost
from smoke.results.record import Line, Record


def costs_of(
    record: Record,
    checks: Mapping[str, frozenset[str]],
    sign_in: Collection[str],
    actors: Collection[str],
) -> dict[str, Cost]:
    """Return the cost of the checks that passed, in the record's order.

    `checks` has the project's fixtures of each check, by its name.
    """
    sees = defaultdict(set)
    for row in record.ledger:
        if row["account"] == "succeeded":
            for name in str(row["why"]).split(", "):
                sees[name].add(str(row["operation"]))
    # A check that failed or was skipped sent less than it costs.
    passed = [line["check"] for line in record.checks if line["outcome"] == "passed"]
    found = {}
    for name in passed:
        if name in checks:
            sent = record.sent_by.get(name, [])
            cost = _cost(record, sent, sign_in, actors)
            found[name] = replace(cost, sees=frozenset(sees[name]), fixtures=checks[name])
    return found


def _cost(
    record: Record, sent: Sequence[Line], sign_in: Collection[str], actors: Collection[str]
) -> Cost:
    signed_in = [one for one in sent if one["operation"] in sign_in and one["status"] == 200]
    # The sign-in of an actor belongs to the actor, whichever check needed it first.
    of_actors = [one for one in signed_in if one["actor"] in actors]
    return Cost(
        requests=len(sent) - len(of_actors),
        sign_ins=len(signed_in) - len(of_actors),
        actors=frozenset(one["actor"] for one in sent if one["actor"] in actors),
        refuses=frozenset(_refusals(record, sent)),
    )


def _refusals(record: Record, sent: Iterable[Line]) -> Iterator[str]:
    """The refusals that were expected: each operation with what it should answer."""
    for one in sent:
        for line in record.expected_of.get(one["number"], ()):
            if str(line["expected"]).startswith("4"):
                yield f"{one['operation']} {line['expected']}"
