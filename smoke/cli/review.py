"""`smoke review`: the undecided operations one by one; each answer becomes a rule."""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from smoke.cli.options import root_option, settings_of, target_option
from smoke.contract.operation_id import OperationId
from smoke.documents.toml import toml_rule

# The possible answers, and their meanings.
CHOICES = {
    "send": "send the planned request",
    "new": "send the planned request: it always makes a new one",
    "never": "never send a request",
    "only": "send the request to some targets only",
    "value": "send the request with your own path values",
    "skip": "decide later",
    "quit": "stop here",
}

# The problem of an operation that waits for the decision about another one.
WAITS = re.compile(r"^it needs (.*), which a person must decide first")

# What a problem offers for a creation without a proof that its thing is new.
CREATES = re.compile(r'^# creates = "([^"]*)"', re.MULTILINE)

# Shows a question and returns the answer.
Ask = Callable[[str], str]


@click.command("review")
@target_option
@root_option
def review_command(target: str | None, root: Path) -> None:
    """
    Decide about the operations that the plan does not send.

    Asks about each operation, and writes a rule for each answer. Without a terminal, the command
    only lists the operations.
    """
    from smoke.config.again import plan_again
    from smoke.config.table import load_table
    from smoke.plan import load
    from smoke.plan.build.problems import sentence

    settings = settings_of(root, target)
    plan = load(settings.plan)
    undecided = [(entry.operation, entry.problem) for entry in plan.entries if entry.problem]
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        for operation, problem in undecided:
            print(f"{operation}: {sentence(problem)}")
        print(f"{len(undecided)} operations to decide. At a terminal, smoke review asks for each.")
        return
    targets = list(load_table(settings.root).get("targets", {}))
    added = 0
    for rule in reviewed(undecided, targets, click.prompt):
        # Each rule is appended at once: an interruption loses no answer, and the rest of the file,
        # with its comments, stays as it is.
        with settings.rules.open("a", encoding="utf-8", newline="\n") as file:
            file.write(f"\n{rule}\n")
        added += 1
    if added:
        print(f"{settings.rules}: {added} rules added. Then run: {plan_again(settings.plan)}")


def reviewed(
    undecided: Sequence[tuple[str, str]], targets: Sequence[str], ask: Ask
) -> Iterator[str]:
    """
    Ask about each operation, and yield a rule for each answer.

    It skips an operation that waits for another one: the decision about that one covers both.
    """
    from smoke.plan.build.problems import sentence

    names = {name for name, _ in undecided}
    asked = [
        (name, problem)
        for name, problem in undecided
        if not ((waits := WAITS.search(problem)) and waits[1] in names)
    ]
    for number, (operation, problem) in enumerate(asked, 1):
        print(f"\n{number} of {len(asked)}  {operation}\n  {sentence(problem)}")
        made = CREATES.search(problem)
        unfit = {"new" if not made else "", "value" if "{" not in operation else ""}
        choices = {name: meaning for name, meaning in CHOICES.items() if name not in unfit}
        for name, meaning in choices.items():
            print(f"    {name:<6} {meaning}")
        answer = _one_of(list(choices), ask)
        if answer == "quit":
            return
        if answer == "new" and made:
            yield toml_rule(operation, creates=made[1], send=True)
        elif answer != "skip":
            yield _rule(operation, answer, targets, ask)


def _rule(operation: str, answer: str, targets: Sequence[str], ask: Ask) -> str:
    values: dict[str, Any] = {}
    if answer == "never":
        return toml_rule(operation, **{"except": {"reason": ask("Why")}})
    if answer == "only":
        chosen = _targets(targets, ask)
        others = [name for name in targets if name not in chosen]
        reason = f"decided for {', '.join(chosen)} only"
        if others:
            values["except"] = {"reason": reason, "targets": others}
    if answer == "value":
        path = {name: ask(f"Value of {name}") for name in OperationId(operation).parameters}
        values |= {"path": path} if path else {}
    return toml_rule(operation, **values, send=True)


def _targets(known: Sequence[str], ask: Ask) -> list[str]:
    """The targets that the user names; asks again after an unknown name."""
    while True:
        names = [name.strip() for name in ask(f"Which ({', '.join(known)})").split(",")]
        if names and all(name in known for name in names):
            return names


def _one_of(allowed: Sequence[str], ask: Ask) -> str:
    """One of the allowed words; an unambiguous abbreviation is enough."""
    while True:
        text = ask("Answer").strip().lower()
        found = [word for word in allowed if text and word.startswith(text)]
        if len(found) == 1 or text in found:
            return text if text in found else found[0]
