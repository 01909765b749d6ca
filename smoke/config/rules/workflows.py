"""Workflows: each step becomes a rule, and an output of an earlier step a value of its answer."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from smoke.config.rules.lines import Place
from smoke.errors import nearest

# The keys of a step that its rule does not have.
OWN = ("name", "outputs")

Row = dict[str, Any]


class StepError(Exception):
    """A step takes something that no earlier step has; the text says what."""


def rows_of(workflows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Place, Row | StepError]]:
    """
    The table of a rule for each step, or the mistake in it, with its place in the file.

    The first step of an operation shapes the operation's request; a further one adds a request.
    """
    taken: set[str] = set()
    for number, workflow in enumerate(workflows):
        after: list[str] = []
        outputs: dict[str, Row] = {}
        for index, step in enumerate(workflow["steps"]):
            name = str(step.get("name", index + 1))
            place = ("workflow", number, "steps", index)
            try:
                row = {key: _linked(step[key], outputs) for key in step if key not in OWN}
            except StepError as error:
                yield place, error
                continue
            if row["operation"] in taken:
                row["as"] = f"{workflow['name']}: {name}"
            taken.add(row["operation"])
            yield place, row | {"after": after, "step": True}
            after = [row.get("as", row["operation"])]
            found = step.get("outputs", {})
            outputs[name] = {key: _place(after[0], at) for key, at in found.items()}


def _place(source: str, at: Any) -> Row:
    return {"from": source, **(at if isinstance(at, dict) else {"pointer": at})}


def _linked(value: Any, outputs: Mapping[str, Row]) -> Any:
    """A value with references to answers in place of outputs."""
    if isinstance(value, list):
        return [_linked(item, outputs) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) != {"from", "output"}:
        return {key: _linked(member, outputs) for key, member in value.items()}
    step, name = str(value["from"]), str(value["output"])
    if step not in outputs:
        raise StepError(
            f"{step!r} is not an earlier step of this workflow.{nearest(step, outputs)} "
            f"Earlier: {', '.join(outputs) or 'none'}."
        )
    if name not in outputs[step]:
        raise StepError(
            f"step {step!r} has no output {name!r}.{nearest(name, outputs[step])} "
            f"It has: {', '.join(outputs[step]) or 'none'}."
        )
    return outputs[step][name]
