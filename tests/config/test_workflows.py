"""Workflows: each step becomes a rule, linked to the steps before it."""

import pytest

from smoke.config.rules import Rule, parse
from smoke.errors import DataError

BOXES = """\
[[workflow]]
name = "close a box"

[[workflow.steps]]
name = "make"
operation = "POST /boxes"
body = { title = "mine" }
expect = [201]
outputs = { box = "/id", place = { header = "Location" }, title = { sent = "/body/title" } }

[[workflow.steps]]
operation = "POST /boxes/{id}/close"
actor = "keeper"
path = { id = { from = "make", output = "box" } }
body = { note = { text = ["closes ", { from = "make", output = "title" }] } }
send = true

[[workflow.steps]]
name = "make another"
operation = "POST /boxes"
holds = { "/open" = true }
"""


def rules_of(text: str) -> tuple[Rule, ...]:
    return parse(text, "r.toml").rules


def test_steps_are_rules_one_after_the_other() -> None:
    make, close, again = rules_of(BOXES)
    assert (make.operations, make.name, make.after) == (("POST /boxes",), "", ())
    assert (make.body, make.expect) == ({"title": "mine"}, (201,))
    assert (close.actor, close.send, close.after) == ("keeper", True, ("POST /boxes",))
    assert again.after == ("POST /boxes/{id}/close",)
    assert again.holds == {"/open": True}
    assert all(rule.step for rule in (make, close, again))


def test_output_is_a_value_of_the_step_that_has_it() -> None:
    _, close, _ = rules_of(BOXES)
    assert close.path == {"id": {"from": "POST /boxes", "pointer": "/id"}}
    title = {"from": "POST /boxes", "sent": "/body/title"}
    assert close.body == {"note": {"text": ["closes ", title]}}


def test_second_step_of_an_operation_is_a_request_of_its_own() -> None:
    more = '\n[[workflow]]\nname = "more"\nsteps = [{ operation = "POST /boxes" }]\n'
    assert [rule.name for rule in rules_of(BOXES + more)] == [
        "", "", "close a box: make another", "more: 1",
    ]  # fmt: skip


def test_steps_come_after_the_rules_with_their_own_lines() -> None:
    rule = '[[rule]]\noperation = "GET /boxes"\n'
    assert [rule.place for rule in rules_of(BOXES + rule)] == [
        "r.toml:22", "r.toml:4", "r.toml:11", "r.toml:18",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        ('output = "bx"', 'output = "box"',
         "r.toml:11: step 'make' has no output 'bx'. Did you mean 'box'? It has: box, place, "
         "title."),
        ('from = "mke", output', 'from = "make", output',
         "r.toml:11: 'mke' is not an earlier step of this workflow. Did you mean 'make'? "
         "Earlier: make."),
        ('oeration = "POST /boxes/{id}/close"', 'operation = "POST /boxes/{id}/close"',
         "r.toml:12: unknown key 'oeration'. Did you mean 'operation'?"),
        ('expect = 201', 'expect = [201]', "r.toml:8: workflow.steps.expect is 201."),
        ('operation = "* /boxes"', 'operation = "POST /boxes"', "r.toml:6: "),
    ],
)  # fmt: skip
def test_mistake_in_a_step_is_reported_with_its_line(wrong: str, right: str, message: str) -> None:
    assert right in BOXES
    with pytest.raises(DataError) as error:
        rules_of(BOXES.replace(right, wrong, 1))
    assert message in str(error.value)


def test_workflows_belong_to_the_digest_of_the_plan() -> None:
    changed = BOXES.replace("mine", "yours")
    assert parse(BOXES).digest != parse(changed).digest
