"""Expectations of answers, and the one text of their failure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from smoke.contract import Contract, Finding
from smoke.contract.findings import MILD
from smoke.contract.operations import statuses_text
from smoke.contract.pointers import at, every, split
from smoke.errors import Cause
from smoke.results import passive
from smoke.results.causes import cause_of, page_of
from smoke.results.exchange import Exchange
from smoke.results.failure import asked, details, facts_of, sentence
from smoke.results.latency import Slow
from smoke.results.order import Unseen
from smoke.results.run import Run
from smoke.results.sightings import (
    NOT_THERE,
    must_have_been_there,
    must_have_listed,
    rows_stay_removed,
)

# If a check also accepts one of these, a success does not prove that the operation works.
REFUSED = frozenset({401, 403, 404})


# Methods that read a thing.
SAFE = frozenset({"GET", "HEAD"})


class Mismatch(AssertionError):  # noqa: N818  (it reads as a finding, not as an error)
    """The service did not answer as expected; `cause` names who must act."""

    def __init__(self, run: Run, cause: Cause, exchange: Exchange, expected: str, got: str) -> None:
        super().__init__(details(run, exchange, expected, got))
        self.reason = sentence(asked(exchange), expected, got)
        self.cause = cause
        self.exchange = exchange
        self._run = run
        # Whether the check itself named the statuses that it expected.
        self.is_stated = False
        self.expected = expected
        self.got = got
        run.expected(exchange, expected, got, met=False)

    @property
    def facts(self) -> tuple[str, ...]:
        """What the run knows of the exchange; complete once the checks before it have ended."""
        return facts_of(self._run, self.exchange)


@dataclass(frozen=True)
class Answer:
    """An answer that had the expected status and shape; its methods expect more of the content."""

    exchange: Exchange
    run: Run

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return self.exchange.json

    def value(self, pointer: str) -> Any:
        """Return what the JSON pointer (RFC 6901) names; a place that is missing is a mismatch."""
        found = at(self.json, pointer)
        if found is None:
            self._fail(f"a value at {pointer}", "nothing there")
        return found

    def values(self, pointer: str) -> list[Any]:
        """Return every value a pointer names, where a `*` stands for each item of a list."""
        return values_at(self.json, pointer)

    def holds(self, pointer: str, expected: Any) -> "Answer":
        """Expect that the pointer names exactly this value."""
        found = at(self.json, pointer)
        if found != expected:
            self._fail(f"{pointer} is {expected!r}", repr(found))
        return self

    def lists(self, pointer: str, expected: Any) -> "Answer":
        """Expect this value among those that a pointer with `*` names."""
        found = self.values(pointer)
        if expected not in found:
            self._fail(f"{expected!r} among {pointer}", f"{len(found)} others: {found[:5]!r}")
        return self

    def lacks(self, pointer: str, unexpected: Any) -> "Answer":
        """
        Expect this value not to be among those that a pointer with `*` names.

        Raises:
            BlindError: no earlier answer of this operation had the value there.
        """
        if unexpected in self.values(pointer):
            self._fail(f"no {unexpected!r} among {pointer}", "it is there")
        what = f"{unexpected!r} at {pointer}"
        must_have_listed(
            self.run, self.exchange, what, lambda json: unexpected in values_at(json, pointer)
        )
        return self

    def lacks_row(self, pointer: str, unexpected: Mapping[str, Any]) -> "Answer":
        """
        Expect no row at the pointer of an array to have all of these values.

        Raises:
            BlindError: no earlier answer of this operation had such a row.
        """
        if _has_row(self.json, pointer, unexpected):
            self._fail(f"no row with {dict(unexpected)!r} at {pointer or '/'}", "one is there")
        what = f"a row with {dict(unexpected)!r}"
        must_have_listed(
            self.run, self.exchange, what, lambda json: _has_row(json, pointer, unexpected)
        )
        return self

    def that(self, sentence: str, holds: bool, got: object = None) -> "Answer":
        """Expect that the sentence holds; `got` is the value found instead."""
        if not holds:
            came = f"an answer with {self.exchange.status} that does not show this"
            self._fail(sentence, came if got is None else repr(got))
        return self

    def _fail(self, expected: str, got: str) -> None:
        raise Mismatch(self.run, Cause.SERVICE, self.exchange, expected, got)


def values_at(json: Any, pointer: str) -> list[Any]:
    """Return every value that a pointer names, where a `*` stands for each item of a list."""
    return [value for value in every(json, split(pointer)) if value is not None]


def _has_row(json: Any, pointer: str, wanted: Mapping[str, Any]) -> bool:
    rows = [row for row in values_at(json, f"{pointer}/*") if isinstance(row, dict)]
    return any(all(row.get(name) == value for name, value in wanted.items()) for row in rows)


class Expect:
    """States expectations: the status, then the documented shape."""

    def __init__(
        self,
        contract: Contract,
        run: Run,
        success: Callable[[str], tuple[int, ...]],
        *,
        format_is_red: bool = False,
        extra_is_red: bool = False,
        slow: Slow | None = None,
        counts: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self.contract = contract
        self.run = run
        self._success = success
        # Kinds of findings that are counted and noted; of the others the first is red.
        self._mild = MILD - ({"format"} if format_is_red else set())
        self._mild -= {"extra"} if extra_is_red else set()
        self._counts = counts
        self._slow = slow or Slow()
        self._looked: set[int] = set()
        self._unseen = Unseen(run)

    def __call__(
        self, exchange: Exchange, *statuses: int, shape: bool = True, unknown: bool = False
    ) -> Answer:
        """
        Expect one of the statuses (the documented success where none is named) and the shape.

        A 404 or 410 to a read counts only if an earlier read at that path succeeded. Pass `unknown`
        if the check made the id up, so that nothing can have been there.

        Raises:
            Mismatch: with the text that the report shows.
            BlindError: nothing was read at a path that is now not found.
        """
        expected = statuses or self._success(exchange.operation)
        wanted = statuses_text(expected) or "a documented success"
        # First: a proxy's page may have the expected status.
        self._proxy(exchange, wanted)
        if exchange.status not in expected:
            error = Mismatch(self.run, cause_of(exchange, ""), exchange, wanted, _came(exchange))
            error.is_stated = bool(statuses)
            raise error
        if shape:
            self._shape(exchange)
        self._look(exchange)
        if exchange.status in self._success(exchange.operation) and REFUSED.isdisjoint(expected):
            self.run.hit(exchange.operation, self.run.current)
        if not unknown and _says_gone(exchange, expected):
            must_have_been_there(self.run, exchange)
        self.run.expected(exchange, wanted, str(exchange.status), met=True)
        return Answer(exchange, self.run)

    def that(self, sentence: str, holds: bool, got: object = None) -> None:
        """Expect that the sentence holds for the answers so far; a failure shows the last one."""
        if not holds:
            # A check may only look at answers to requests of other checks.
            sent = self.run.of_current() or [self.run.check.looked_at]
            Answer(sent[-1], self.run).that(sentence, holds, got)

    def _proxy(self, exchange: Exchange, wanted: str) -> None:
        """Fail on a proxy's page: it proves nothing about the service, whatever its status."""
        page = page_of(self.contract, exchange)
        if page:
            got = f"{exchange.status}: {page}"
            raise Mismatch(self.run, cause_of(exchange, page), exchange, wanted, got)

    def _shape(self, exchange: Exchange) -> None:
        operation = self.contract.operations.get(exchange.operation)
        if operation is None or exchange.status is None:
            return
        findings = self.contract.findings(
            operation,
            exchange.status,
            exchange.headers.get("content-type"),
            exchange.body,
            exchange.headers,
            whole=exchange.ended and not exchange.cut,
        )
        if operation.response(exchange.status) is None:
            # The caller expected this status: an undocumented one is on purpose.
            findings = [found for found in findings if found.kind != "behaviour"]
        red = self._red(exchange.operation, findings)
        if red:
            wanted = "the documented shape"
            raise Mismatch(self.run, Cause.CONTRACT, exchange, wanted, _listed(red))

    def look_at_the_rest(self) -> None:
        """
        Apply the passive rules to the exchanges that no expectation has looked at yet.

        Raises:
            Mismatch: for the first exchange with a red finding.
        """
        # A check may send requests that it expects nothing of, such as preparations.
        for exchange in self._unseen.take():
            self._look(exchange)

    def _look(self, exchange: Exchange) -> None:
        """Apply the passive rules to an exchange, once."""
        if exchange.number in self._looked:
            return
        self._looked.add(exchange.number)
        found = passive.findings(exchange, self.contract)
        found += rows_stay_removed(self.run, exchange, self.contract)
        red = self._red(exchange.operation, found)
        if red:
            cause = passive.CAUSES.get(red[0].kind, Cause.CONTRACT)
            wanted = "no finding of the passive rules"
            raise Mismatch(self.run, cause, exchange, wanted, _listed(red))
        late = self._slow.late(exchange)
        if late and self._slow.is_red:
            raise Mismatch(self.run, Cause.SERVICE, exchange, *late)
        if late and self._slow.is_first(exchange):
            self.run.note(sentence(asked(exchange), *late))

    def _red(self, operation: str, findings: list[Finding]) -> list[Finding]:
        """Count the findings that do not fail a check, and return the others."""
        mild = self._mild | {"shape"} if self._counts(operation) else self._mild
        counted = [finding for finding in findings if finding.kind in mild]
        self.count(operation, counted)
        return [finding for finding in findings if finding.kind not in mild]

    def count(self, operation: str, findings: list[Finding]) -> None:
        """Count findings that are not red, once per field."""
        for found in findings:
            key = (operation, found.field or found.pointer)
            run = self.run
            counts = run.extra_fields if found.kind == "extra" else run.format_findings
            counts[key] = counts.get(key, 0) + 1


def _says_gone(exchange: Exchange, expected: Iterable[int]) -> bool:
    """Whether the check takes an answer as proof that a resource does not exist."""
    named = "{" in exchange.operation and exchange.method in SAFE
    return named and exchange.status in NOT_THERE and all(status >= 400 for status in expected)


def _came(exchange: Exchange) -> str:
    """The answer in a few words."""
    if exchange.status is None:
        return f"no answer: {exchange.error}"
    place = exchange.headers.get("location", "") if 300 <= exchange.status < 400 else ""
    return f"{exchange.status} to {place[:200]} (not followed)" if place else str(exchange.status)


def _listed(findings: list[Finding]) -> str:
    first = [f"{found.pointer or 'the body'}: {found.message}" for found in findings[:3]]
    more = [f"and {len(findings) - 3} more"] if len(findings) > 3 else []
    lacking = sum("is a required property" in found.message for found in findings)
    count = f"{lacking} fields fewer than the contract asks for: " if lacking > 1 else ""
    return count + "; ".join(first + more)
