"""Plans of contracts made wrong: a plan, perhaps with problems, or a refusal; never a trace."""

import json
from typing import Any

from hypothesis import given

from smoke.config.rules import Rules
from smoke.contract import Contract
from smoke.plan.build.builder import build
from smoke.plan.explain import suggest
from tests.fuzz.effort import bounded, refusable, tried
from tests.fuzz.mutations import mutated
from tests.unlike import contract_of, rules_of

PLACE = r"bad(:\d+(:\d+)?|#(/.*)?): \S|… and \d+ more|\w+\.toml:\d+: \S"


def planned_or_refused(document: Any, rules: Rules) -> None:
    with bounded(20), refusable(PLACE):
        contract = Contract.parse(json.dumps(document), "bad")
        plan = build(contract, rules)
        assert plan.text().encode()
        usual = [entry.operation for entry in plan.entries if not entry.is_extra]
        assert sorted(usual) == sorted(contract.operations)
        problems = [entry.name for entry in plan.entries if entry.problem]
        assert len(problems) == len(plan.problems)


@tried(14)
@given(mutated(contract_of("library").document, 1))
def test_plan_of_a_contract_made_wrong(document: Any) -> None:
    planned_or_refused(document, Rules())


@tried(10)
@given(mutated(contract_of("shop").document, 2))
def test_plan_of_an_old_contract_made_wrong(document: Any) -> None:
    planned_or_refused(document, rules_of("shop"))


@tried(10)
@given(mutated(contract_of("notes").document, 1))
def test_plan_by_rules_of_a_contract_made_wrong(document: Any) -> None:
    planned_or_refused(document, rules_of("notes"))


@tried(6)
@given(mutated(contract_of("library").document, 1))
def test_suggestions_for_a_contract_made_wrong(document: Any) -> None:
    with bounded(20), refusable(PLACE):
        suggest(Contract.parse(json.dumps(document), "bad"))
