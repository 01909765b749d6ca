"""Resources that are made below a parent, and then have a path of their own."""

from collections import defaultdict
from collections.abc import Iterable

from smoke.contract import Operation
from smoke.contract.operation_id import shape
from smoke.plan.build.answers import Answers
from smoke.plan.build.naming import plain, singular
from smoke.plan.build.sources import last_segment

# An answer's schema and the noun of a path: equal for operations on the same resources.
Kind = tuple[int, str]


class Nested:
    """
    Finds that POST /tasks/{id}/notes makes what GET /notes/{id} reads.

    The same noun is not enough (issue trackers have many kinds of `items`): both must answer with
    the same schema, too.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._makers: dict[Kind, list[Operation]] = defaultdict(list)
        self._parameters: dict[Kind, str] = {}

    def add(self, operation: Operation) -> None:
        """Note a read of one resource, or a creation below a parent."""
        kind = self._kind(operation)
        is_item = shape(operation.path).rstrip("/").endswith("/{}")
        if kind is None or "{" not in operation.path:
            return
        if operation.method == "GET" and is_item:
            self._parameters[kind] = operation.id.last_parameter
        elif operation.method == "POST" and not is_item:
            self._makers[kind].append(operation)

    def makers(self, readers: Iterable[Operation]) -> list[Operation]:
        """The operations that make what these reads show."""
        kinds = (self._kind(reader) for reader in readers if reader.method == "GET")
        return [maker for kind in kinds if kind for maker in self._makers.get(kind, ())]

    def parameter(self, maker: Operation) -> str:
        """The parameter that names elsewhere what an operation makes; empty if there is none."""
        kind = self._kind(maker)
        return self._parameters.get(kind, "") if kind and maker in self._makers[kind] else ""

    def _kind(self, operation: Operation) -> Kind | None:
        fields = self._answers.fields(operation)
        # Operations that share a schema share the very tuple of its fields.
        return (id(fields), singular(plain(last_segment(operation.path)))) if fields else None
