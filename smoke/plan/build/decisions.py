"""Decisions: what a plan leaves to a person, each once, and first those that free the most."""

from collections import Counter
from collections.abc import Iterable, Mapping

from smoke.plan.build.draft import Draft


def decisions(drafts: Mapping[str, Draft], problems: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """
    The problems to solve, as `NAME: problem`, those first that most other requests wait for.

    A request that waits for another is no question of its own: it is solved with the other one.
    """
    asked = dict(problems)
    frees = Counter(_root(drafts, name) for name in asked)
    roots = [name for name in asked if _root(drafts, name) == name]
    # The sort is stable: equal ones keep the order of the plan.
    roots.sort(key=lambda name: -frees[name])
    return tuple(f"{name}: {_counted(asked[name], frees[name] - 1)}" for name in roots)


def _root(drafts: Mapping[str, Draft], name: str) -> str:
    """The request that a request waits for in the end; itself if it waits for none."""
    seen = {name}
    while (other := drafts[name].waits_for) in drafts and other not in seen:
        seen.add(other)
        name = other
    return name


def _counted(problem: str, waiting: int) -> str:
    if not waiting:
        return problem
    first, line, rest = problem.partition("\n")
    return f"{first.rstrip(':.')} ({waiting} more wait for it):{line}{rest}"
