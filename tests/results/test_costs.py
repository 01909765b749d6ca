"""The cost of a check is what it sent, without the sign-ins of actors; each refusal counts."""

from pathlib import Path

from smoke.cli.choosing import costs_of
from smoke.plan.depth import Cost
from smoke.results.ledger import Account, Row
from smoke.results.record import Record
from smoke.results.record_reader import read
from smoke.results.run import Run
from tests.results.records import GONE, MAKE, READ, begun, ended, passed, sent

SIGN_IN = "POST /login"


def finished(run: Run) -> Record:
    """The record of the run, in which its checks saw two operations succeed."""
    rows = [Row(READ, "", Account.SUCCEEDED, "books.read, refusals.of_the_engine")]
    ended(run, *rows, Row(MAKE, "", Account.SUCCEEDED, "books.made"))
    assert run.path is not None
    return read(run.path)


def test_check_costs_what_it_sent_and_counts_what_it_refused(tmp_path: Path) -> None:
    run = begun(tmp_path / "run.jsonl")
    run.current = "books.made"
    sent(run, SIGN_IN)
    refused = sent(run, GONE, 403)
    run.expected(refused, "403", "403", met=True)
    passed(run, "books.made", MAKE)
    passed(run, "books.read", READ)
    passed(run, "refusals.of_the_engine", READ)
    costs = costs_of(
        finished(run),
        {"books.made": frozenset({"account"}), "books.read": frozenset()},
        {SIGN_IN},
        {"owner"},
    )
    owner = frozenset({"owner"})
    assert costs == {
        "books.made": Cost(
            2, 0, owner, frozenset({"account"}), frozenset({MAKE}), frozenset({f"{GONE} 403"})
        ),
        "books.read": Cost(1, 0, owner, frozenset(), frozenset({READ})),
    }


def test_sign_in_of_no_actor_belongs_to_its_check(tmp_path: Path) -> None:
    run = begun(tmp_path / "run.jsonl")
    run.current = "books.read"
    sent(run, SIGN_IN)
    passed(run, "books.read", READ)
    (cost,) = costs_of(finished(run), {"books.read": frozenset()}, {SIGN_IN}, ()).values()
    assert (cost.requests, cost.sign_ins, cost.actors) == (2, 1, frozenset())
