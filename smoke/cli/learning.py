"""`smoke plan --learn`: shows the rules that a recorded run suggests, as a diff to review."""

import json
from collections import Counter
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

from smoke.contract import Contract
from smoke.documents.toml_text import toml_key, toml_value
from smoke.plan import Plan
from smoke.results.lessons import UNKNOWN, Lesson, lessons
from smoke.results.record_reader import read

if TYPE_CHECKING:
    from smoke.config.settings import Settings


def learned(settings: "Settings", contract: Contract, plan: Plan, record: Path) -> str:
    """
    The diff from the rules to the rules with what a record suggests; empty if it suggests nothing.

    Raises:
        DataError: the record cannot be read.
    """
    found = lessons(contract, plan, read(record).exchanges)
    old = settings.rules.read_text(encoding="utf-8")
    name = settings.rules.relative_to(settings.root).as_posix()
    lines = old.splitlines(keepends=True), with_lessons(old, found).splitlines(keepends=True)
    return "".join(unified_diff(*lines, f"a/{name}", f"b/{name}"))


def with_lessons(text: str, found: list[Lesson]) -> str:
    """Rules with samples below the table of samples, and the other lessons at the end."""
    samples = list(_samples(text, found))
    if samples:
        head, table, rest = text.partition("[samples]\n")
        # Without the table there, it comes last.
        head = head if table else f"{text.rstrip()}\n\n"
        text = "".join([head, "[samples]\n", *(f"{line}\n" for line in samples), rest])
    blocks = "".join(f"\n{_rule(one)}" for one in found if one.rule)
    return f"{text.rstrip()}\n{blocks}" if samples or blocks else text


def _samples(text: str, found: list[Lesson]) -> Iterator[str]:
    """One line for each name, with the number of operations that asked for it."""
    asked = Counter(name for one in found for name in one.samples)
    values = {name: value for one in found for name, value in one.samples.items()}
    for name, count in asked.most_common():
        line = f"{toml_key(name)} = {toml_value(values[name])}"
        if line not in text:
            yield f"{line}  # {count} refused requests name it"


def _rule(lesson: Lesson) -> str:
    """A rule; one that lacks a value is a comment to complete."""
    rows = ["[[rule]]", f"operation = {json.dumps(lesson.operation)}"]
    rows += [f"{key} = {toml_value(value)}" for key, value in lesson.rule.items()]
    sign = "# " if UNKNOWN in toml_value(dict(lesson.rule)) else ""
    return "".join([f"# {lesson.evidence}\n", *(f"{sign}{row}\n" for row in rows)])
