"""The ledger accounts for every operation, each with the first account that fits."""

from dataclasses import replace
from typing import Any

from smoke.config.gates import Gate, Gates, State
from smoke.config.rules import Excepted
from smoke.plan.model import Entry, Plan
from smoke.results.ledger import Account, Seen, account
from tests.contracts import shelf

READ, MAKE = "GET /books/{book_id}", "POST /books"
NOTHING = Seen("t", {}, {}, {}, {}, {})
BOOKS = Gate("books", ("tag:books",), "costs money", state=State.OFF)


def accounts(gates: Gates | None = None, plan: Plan | None = None, **seen: Any) -> dict[str, str]:
    plan = plan or Plan("", "", {}, ())
    ledger = account(shelf(), gates or Gates(), plan, replace(NOTHING, **seen))
    return {row.operation: f"{row.account}: {row.why}" for row in ledger.rows}


def test_operation_nobody_saw_is_missing() -> None:
    assert set(accounts().values()) == {"missing: no check and no entry of the plan saw it succeed"}


def test_every_operation_of_the_contract_has_a_row() -> None:
    assert list(accounts()) == list(shelf().operations)


def test_success_is_credited_to_its_checks() -> None:
    rows = accounts(succeeded={READ: ["books.a", "books.b"]})
    assert rows[READ] == "succeeded: books.a, books.b"


def test_failure_outweighs_success() -> None:
    rows = accounts(succeeded={READ: ["books.a"]}, failed={READ: "books.b"})
    assert rows[READ] == "failed: books.b"


def test_known_defect_is_not_success() -> None:
    rows = accounts(succeeded={READ: ["x"]}, known={READ: "since May"})
    assert rows[READ] == "known: since May"


def test_shut_gate_tells_how_to_open_it() -> None:
    rows = accounts(Gates((BOOKS,)))
    assert rows[READ] == "gated off: books: costs money; SMOKE_ENABLE_BOOKS=1 opens it"
    assert rows["GET /ready"].startswith("missing")


def test_absent_surface_must_have_been_seen_to_refuse() -> None:
    gates = Gates((replace(BOOKS, state=State.ABSENT),))
    rows = accounts(gates, absent={READ: "answers 403"})
    assert rows[READ] == "absent: answers 403"
    assert rows[MAKE].startswith("missing")


def test_gate_that_a_rule_names_is_the_operations_own() -> None:
    ruled = Entry(READ, READ, "read", "owner", (200,), gate="paid")
    paid = Gate("paid", (), "costs money", state=State.OFF)
    rows = accounts(Gates((paid, replace(BOOKS, state=State.ON))), Plan("", "", {}, (ruled,)))
    assert rows[READ] == "gated off: paid: costs money; SMOKE_ENABLE_PAID=1 opens it"
    assert rows[MAKE].startswith("missing")


def test_open_gate_hides_nothing() -> None:
    assert accounts(Gates((replace(BOOKS, state=State.ON),)))[READ].startswith("missing")


def test_exception_needs_its_target() -> None:
    reason = Excepted("no mail box", targets=("t",))
    entry = Entry(READ, READ, "read", "owner", (200,), excepted=reason)
    other = replace(entry, name=MAKE, operation=MAKE, excepted=replace(reason, targets=("prod",)))
    rows = accounts(plan=Plan("", "", {}, (entry, other)))
    assert rows[READ] == "excepted: no mail box"
    assert rows[MAKE].startswith("missing")


def test_counts_add_up_to_the_contract() -> None:
    ledger = account(shelf(), Gates((BOOKS,)), Plan("", "", {}, ()), NOTHING)
    assert ledger.count() == {Account.GATED: 4, Account.MISSING: 1}
