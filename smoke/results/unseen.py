"""The exchanges that a reader of a run has not seen yet, in the suite's order."""

from smoke.results.checking import BODY
from smoke.results.exchange import Exchange
from smoke.results.run import Run


class Unseen:
    """
    The exchanges of a run since the last look.

    A check that runs ahead of its turn, and what its cleanup sends, are seen in their turn.
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
