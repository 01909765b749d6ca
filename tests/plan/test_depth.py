"""A quick run has the only check of an operation, then the checks with the best value."""

from pathlib import Path
from typing import Any

import pytest

from smoke.errors import DataError
from smoke.plan import Plan
from smoke.plan.depth import Cost, Limit, Quick, Sent, beside, choose, cover, load
from tests.planning import plan_for, things

LIST, MAKE = "GET /things", "POST /things"
READ, REMOVE = "GET /things/{id}", "DELETE /things/{id}"


@pytest.fixture(scope="module")
def plan() -> Plan:
    """A plan that makes, reads, lists and removes a thing."""
    return plan_for(things())


def sent(plan: Plan, always: int = 0) -> Sent:
    """What a quick run of that plan sends."""
    return Sent(plan, plan.entries, Cost(always, actors=frozenset({"owner"})))


def sees(*operations: str, requests: int = 1, **more: Any) -> Cost:
    """The cost of a check that sees operations succeed."""
    return Cost(requests, sees=frozenset(operations), **more)


def test_cover_takes_the_check_with_most_uncovered_operations() -> None:
    checks = {"one": ["a"], "both": ["a", "b"], "third": ["c"], "other": ["d"]}
    assert cover({"a", "b", "c"}, checks) == ["both", "third"]


def test_cover_prefers_fewer_requests_among_equal_checks() -> None:
    assert cover({"a"}, {"wide": ["a", "x", "y"], "narrow": ["a"]}) == ["narrow"]


def test_cover_ends_where_no_check_sees_an_operation() -> None:
    assert cover({"a", "never"}, {"one": ["a"]}) == ["one"]


def test_estimate_counts_prerequisites_actors_and_what_is_read_back(plan: Plan) -> None:
    entries = [plan.by_name[REMOVE]]  # needs the entry that makes the thing
    own = Sent(plan, entries, Cost(3), further={REMOVE: 1})
    assert own.estimate([]) == (3 + 2 + 1, 0)
    assert own.estimate([sees(actors=frozenset({"viewer"}))]) == (3 + 2 + 1 + 1 + 2, 1)


def test_estimate_leaves_out_what_a_check_sees(plan: Plan) -> None:
    before, _ = sent(plan).estimate([])
    after, _ = sent(plan).estimate([sees(LIST, requests=0)])
    assert before - after == 1


def test_check_that_alone_sees_an_operation_is_chosen(plan: Plan) -> None:
    costs = {"elsewhere": sees("GET /elsewhere", requests=5), "dear": sees(LIST, requests=9)}
    assert choose(sent(plan), costs, Limit(13, 6)) == ["elsewhere"]


def test_choice_keeps_within_the_requests(plan: Plan) -> None:
    costs = {"a": sees(requests=2), "b": sees(requests=1), "c": sees(refuses=frozenset({"x 403"}))}
    most, _ = sent(plan).estimate([])
    assert choose(sent(plan), costs, Limit(most, 6)) == []
    assert choose(sent(plan), costs, Limit(most + 1, 6)) == ["c"]
    assert choose(sent(plan), costs, Limit(most + 2, 6)) == ["b", "c"]


def test_refusal_that_another_check_expects_counts_once(plan: Plan) -> None:
    one, other = frozenset({"x 403"}), frozenset({"y 404"})
    costs = {"a": sees(refuses=one), "b": sees(refuses=one), "c": sees(refuses=other)}
    most, _ = sent(plan).estimate([])
    assert choose(sent(plan), costs, Limit(most + 2, 6)) == ["a", "c"]


def test_choice_keeps_within_the_sign_ins(plan: Plan) -> None:
    costs = {"another": sees(actors=frozenset({"viewer"})), "same": sees()}
    assert choose(sent(plan), costs, Limit(99, 1)) == ["same"]
    assert choose(sent(plan), costs, Limit(99, 2)) == ["another", "same"]


def test_shared_fixture_is_counted_once(plan: Plan) -> None:
    costs = [sees(fixtures=frozenset({"account"})) for _ in range(2)]
    none, _ = sent(plan).estimate([])
    one, _ = sent(plan).estimate(costs[:1])
    both, _ = sent(plan).estimate(costs)
    assert (one - none, both - one) == (5, 1)


def test_choice_is_kept_in_a_file_beside_the_plan(tmp_path: Path) -> None:
    file = beside(tmp_path / "plan.json")
    assert file.name == "plan.quick.json"
    assert load(file) == Quick()
    file.write_text(Quick({"notes.listed": 2}, 40, 1).text(), encoding="utf-8")
    assert load(file).checks == {"notes.listed": 2}


@pytest.mark.parametrize("text", ["[]", '{"checks": []}', "{"])
def test_broken_file_is_named_with_what_makes_it_again(text: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.quick.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"plan\.quick\.json.*smoke plan --quick RECORD"):
        load(file)
