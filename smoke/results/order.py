"""The suite's order, restored: checks run beside each other, and ahead of their turn."""

from collections.abc import Collection

from smoke.results.exchange import Exchange
from smoke.results.outcome import BEFORE, BODY
from smoke.results.run import Run


def put_in_order(run: Run) -> None:
    """Put everything in the suite's order, in memory and in the record, and number it so."""
    run.exchanges.sort(key=lambda one: (one.place, one.number))
    numbers = {one.number: new for new, one in enumerate(run.exchanges, 1)}
    for exchange in run.exchanges:
        exchange.number = numbers[exchange.number]
    for result in run.outcomes:
        result.exchange = numbers.get(result.exchange, result.exchange)
    for checks in run.succeeded.values():
        checks.sort(key=lambda name: run.places.get(name, BEFORE))
    run.succeeded = dict(
        sorted(run.succeeded.items(), key=lambda one: run.places.get(one[1][0], BEFORE))
    )
    run.lines.put_in_order(numbers)


def leave_uncounted(run: Run, names: Collection[str]) -> None:
    """
    Discard the results of these checks: they ran ahead of a check that ended the run.

    The record keeps their requests, and a note names them.
    """
    run.exchanges = [one for one in run.exchanges if one.check not in names]
    for operation, checks in list(run.succeeded.items()):
        run.succeeded[operation] = [name for name in checks if name not in names]
        if not run.succeeded[operation]:
            del run.succeeded[operation]
    if names:
        run.note(f"begun ahead, and not counted: {', '.join(names)}")


class Unseen:
    """
    The exchanges of a run since the last look.

    Exchanges of a check that runs ahead, and of its cleanup, come in its turn.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._rest: list[Exchange] = []
        self._next = 0

    def take(self) -> list[Exchange]:
        """Return the unseen exchanges of the present check and of all before it."""
        self._rest += self._run.exchanges[self._next :]
        self._next = len(self._run.exchanges)
        until = self._run.check.at, BODY
        seen = [one for one in self._rest if one.place <= until]
        self._rest = [one for one in self._rest if one.place > until]
        return sorted(seen, key=lambda one: (one.place, one.number))
