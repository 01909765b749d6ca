"""Facts about a failure from the run's other requests; they save the reader a search."""

from collections.abc import Iterator

from smoke.results.exchange import Exchange
from smoke.results.run import Run

# From this many milliseconds on, the report states when the first byte came.
SLOW_MS = 2000.0

# Headers in which load balancers and platforms name the replica that answered.
REPLICAS = (
    "x-served-by", "x-replica", "x-instance-id", "x-instance", "x-pod-name", "x-pod",
    "x-backend-server", "x-backend", "x-server-id",
)  # fmt: skip


def facts_of(run: Run, exchange: Exchange) -> tuple[str, ...]:
    """Return what the run knows of the failing exchange, a sentence each."""
    # In the suite's order: what runs beside the check would make the facts differ from run to run.
    now = exchange.place, exchange.number
    before = [other for other in run.exchanges if (other.place, other.number) < now]
    found = (
        *_repeats(exchange, before),
        *_replica(exchange, before),
        *_token(exchange, before),
        *_from_the_answer(exchange),
    )
    return tuple(map(run.secrets.mask, found))


def _repeats(exchange: Exchange, before: list[Exchange]) -> Iterator[str]:
    """How the same operation answered the same actor before."""
    same = [
        other
        for other in before
        if (other.operation, other.actor) == (exchange.operation, exchange.actor)
        and exchange.operation
    ]
    good = [other.status for other in same if other.status and other.status < 400]
    # A refusal after a success is an answer; only an error, or silence, may come and go.
    if not good or (exchange.status and exchange.status < 500):
        return
    times = {1: "once", 2: "twice"}.get(len(good), f"{len(good)} times")
    now = exchange.status or "no answer"
    yield f"answered {good[-1]} {times} before, now {now}: intermittent"


def _replica(exchange: Exchange, before: list[Exchange]) -> Iterator[str]:
    """The replica that failed, where others answered the same operation well."""
    name = next((name for name in REPLICAS if name in exchange.headers), "")
    good = [
        other.headers[name]
        for other in before
        if other.operation == exchange.operation
        and 200 <= (other.status or 0) < 300
        and name in other.headers
    ]
    if name and good and exchange.headers[name] not in good:
        others = ", ".join(sorted(set(good))[:5])
        this = f"this answer came from {name} {exchange.headers[name]}"
        yield f"{this}, those that succeeded ({len(good)}) from {others}"


def _token(exchange: Exchange, before: list[Exchange]) -> Iterator[str]:
    """When the service last accepted the credential that it now refuses."""
    credential = exchange.request_headers.get("authorization", "")
    if exchange.status != 401 or not credential:
        return
    for other in reversed(before):
        if (
            other.request_headers.get("authorization") == credential
            and 200 <= (other.status or 0) < 300
        ):
            gone = exchange.started_s - other.started_s
            worked = f"{other.operation} answered {other.status}"
            yield f"this token worked {gone:.1f} s before: {worked}"
            return


def _from_the_answer(exchange: Exchange) -> Iterator[str]:
    """The answer's `Retry-After`, and how late its first byte came."""
    after = exchange.headers.get("retry-after", "")
    if after:
        unit = " s" if after.isdigit() else ""
        yield f"the service asks to come again after {after[:40]}{unit} (Retry-After)"
    if exchange.first_byte_ms and exchange.first_byte_ms >= SLOW_MS:
        yield f"the first byte came after {exchange.first_byte_ms / 1000:.1f} s"
