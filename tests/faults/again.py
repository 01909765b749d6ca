"""
What runs in a row leave on one service, and whether a later run proves what the first one did.

What the API cannot delete is used again (`smoke.checks.pool`), so its number stays the same from
the second run on. What cannot be done twice, such as a registration, only the first run proves: the
ledger of the others leaves these operations out, with the reason.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.faults.entries import Setting
from tests.faults.smoke_run import RunResult, run
from tests.faults.state import Rows, rows
from tests.foreign import Store

# What the API cannot delete, by the word of the results.
COUNTED = {
    "tenants": "tenants",
    "accounts": "users",
    "members": "memberships",
    "sign-up requests": "signup_requests",
    "subscriptions": "status_subscriptions",
}

# How a run uses again what earlier ones made; the fault bench itself makes everything anew.
AGAIN = Setting(variables={"SMOKE_OPTION_USE_AGAIN": "always"})

# Checks with another number of expectations in every run: one tries until it is in time; the others
# are the first to use a shared account or tenant, and its setup counts for them.
UNEVEN = frozenset(
    {
        "workflow_runs.running_run_can_be_cancelled",
        "activity.stream_tells_what_was_and_what_comes",
        "auth.wrong_password_is_refused",
    }
)


@dataclass(frozen=True)
class Again:
    """A run in a row of runs, and what stood in the service's tables after it."""

    result: RunResult
    counts: Counter[str]


def in_a_row(
    url: str, store: Store, runs: int, jobs: int, say: Callable[[str], None], *words: str
) -> list[Again]:
    """Run so many times, `jobs` at a time, and count after each time."""
    say(_row("run", "verdict", "requests", "sign-ins", "succeeded", *COUNTED))
    say(_row(*["---"] * (5 + len(COUNTED))))
    found: list[Again] = []
    with ThreadPoolExecutor(jobs) as pool:
        for first in range(1, runs + 1, jobs):
            few = range(first, min(first + jobs, runs + 1))
            results = list(pool.map(lambda _: run(url, AGAIN, *words), few))
            counts = count(rows(store))
            for number, result in zip(few, results, strict=True):
                found.append(Again(result, counts))
                say(_line(number, found[-1]))
                if result.exit:
                    say(result.output)
    return found


def count(state: Rows) -> Counter[str]:
    """How many rows there are of what the API cannot delete; "guests" are accounts of the plan."""
    tables = Counter(table for table, _ in state)
    return Counter({word: tables[table] for word, table in COUNTED.items()})


def unlike(runs: list[Again], jobs: int = 1) -> Iterator[str]:
    """What differs after the last runs from what there was after the second ones."""
    early, late = runs[min(2 * jobs, len(runs)) - 1].counts, runs[-1].counts
    for word in COUNTED:
        if early[word] != late[word]:
            yield f"{word}: {early[word]} after run {2 * jobs}, {late[word]} after run {len(runs)}"


def weaker(first: RunResult, later: RunResult) -> dict[str, tuple[int, int]]:
    """Checks that met fewer expectations in a later run than in the first, with both numbers."""
    return {
        check: (many, later.met[check])
        for check, many in sorted(first.met.items())
        if later.met[check] < many and "." in check and check not in UNEVEN
    }


def only_first(first: RunResult, later: RunResult) -> list[str]:
    """Operations that the first run saw succeed, and the later one did not."""
    return sorted(first.succeeded - later.succeeded)


def about(runs: list[Again], jobs: int) -> Iterator[str]:
    """What was measured, as lines for the results."""
    first, last = runs[0].result, runs[-1].result
    reds = sum(bool(one.result.exit) for one in runs)
    yield (
        f"**Runs in a row.** {len(runs)} runs against one service, {jobs} at a time, that use "
        f"again what earlier ones made: {len(runs) - reds} green."
    )
    yield ""
    yield _row("after run", "requests", "sign-ins", "succeeded", *COUNTED)
    yield _row(*["---"] * (4 + len(COUNTED)))
    for number in sorted({1, 2 * jobs, len(runs)} & set(range(1, len(runs) + 1))):
        yield _line(number, runs[number - 1], verdict=False)
    yield ""
    for line in unlike(runs, jobs):
        yield f"- differs: {line}"
    for check, (many, now) in weaker(first, last).items():
        yield f"- `{check}` met {many} expectations in the first run and {now} in the last"
    yield from (f"- only the first run proves `{one}`" for one in only_first(first, last))
    yield ""


def _line(number: int, one: Again, *, verdict: bool = True) -> str:
    result = one.result
    words = [result.word or str(result.exit)] if verdict else []
    numbers = [result.sent, result.sign_ins, len(result.succeeded)]
    return _row(str(number), *words, *map(str, numbers), *(str(one.counts[w]) for w in COUNTED))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
