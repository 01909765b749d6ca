"""How pytest-xdist gives out the checks of several targets: each worker gets its own, once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from smoke.pytest_plugin.parallel.worker import TASK

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController  # type: ignore[import-untyped]


class ByTarget:
    """A scheduler of pytest-xdist: a worker runs all that it has collected, as soon as it has.

    Unlike xdist's own, it does not want the workers to have collected the same, as what a target
    gets depends on its settings; and what a worker leaves when it dies is never run elsewhere.
    """

    def __init__(self, many: int) -> None:
        self._many = many
        self._settled: set[str] = set()
        self._collected: dict[WorkerController, list[str]] = {}
        self._pending: dict[WorkerController, list[int]] = {}

    @property
    def nodes(self) -> "list[WorkerController]":
        """The workers that are there."""
        return list(self._pending)

    @property
    def collection_is_completed(self) -> bool:
        """Whether there is something to give out: always, as no worker waits for another."""
        return True

    @property
    def tests_finished(self) -> bool:
        """Whether every target has got its checks, or will not any more."""
        return len(self._settled) >= self._many

    @property
    def has_pending(self) -> bool:
        """Whether checks are still to be run."""
        return any(self._pending.values())

    def add_node(self, node: "WorkerController") -> None:
        """A worker is there; one without a target may go."""
        self._pending[node] = []
        if not node.workerinput[TASK]:
            node.shutdown()

    def add_node_collection(self, node: "WorkerController", collection: Sequence[str]) -> None:
        """Let a worker run what it has collected."""
        self._collected[node] = list(collection)
        self._pending[node] = list(range(len(collection)))
        self._settle(node)
        node.send_runtest_all()
        node.shutdown()

    def _settle(self, node: "WorkerController") -> None:
        if node.workerinput[TASK]:
            self._settled.add(node.gateway.id)

    def mark_test_complete(
        self,
        node: "WorkerController",
        item_index: int,
        duration: float = 0,  # noqa: ARG002  (xdist's signature)
    ) -> None:
        """A worker has run a check."""
        self._pending[node].remove(item_index)

    def remove_node(self, node: "WorkerController") -> str | None:
        """A worker is gone; returns the check it was running if it died."""
        self._settle(node)
        pending = self._pending.pop(node)
        died = not hasattr(node, "workeroutput")
        return self._collected[node][pending[0]] if pending and died else None

    def schedule(self) -> None:
        """Nothing: what there is has been given out."""

    def mark_test_pending(self, item: str) -> NoReturn:
        """No check is run twice."""
        raise NotImplementedError(item)

    def remove_pending_tests_from_node(
        self, node: "WorkerController", indices: Sequence[int]
    ) -> NoReturn:
        """No check changes its worker."""
        raise NotImplementedError(node, indices)
