"""Problems: decisions that only a person can make, each with a rule to paste."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from smoke.contract import Operation
from smoke.documents.toml import toml_rule
from smoke.plan.build.draft import Draft
from smoke.plan.build.sources import Source


def sentence(problem: str) -> str:
    """The first sentence of a problem, without the advice for the rule to paste."""
    return problem.splitlines()[0].partition(". ")[0].rstrip(":.")


def unreachable(operation: Operation, name: str, candidates: Sequence[Source]) -> str:
    """An id without a source, or one that the operation must not use."""
    usable = [source for source in candidates if source.operation and not source.header]
    if operation.safe or not usable:
        text = f"nothing answers with its {{{name}}}. If you know one, paste and complete:\n"
        value = {"from": "POST /…", "pointer": "/id"}
    else:
        # A list is more useful than a creation: it shows the existing ids.
        best = min(
            usable, key=lambda source: (not source.operation.startswith("GET"), source.level)
        )
        text = (
            f"its {{{name}}} would be one that this run did not make "
            f"({best.operation} {best.pointer}). If it may be used all the same, paste:\n"
        )
        value = {"from": best.operation, "pointer": best.pointer}
    return text + toml_rule(operation.id, path={name: value})


def unowned(operation: Operation, name: str, given: Sequence[str]) -> str:
    """
    The operation would delete a resource that is not known to be the run's own.

    The rule to paste excepts the operation: a deletion must never be allowed by accident.
    """
    what = f"its {{{name}}}" if name else "what it takes away"
    origin = f" ({', '.join(given)} answers with it)" if given else ""
    return (
        f"{what} is not known to be made by this run{origin}. If it is, name its maker: "
        'own = "POST /…"; if it is harmless, set destroys = false; else paste:\n'
    ) + _except(operation.id, "it would destroy what this run did not make")


def strange(operation: Operation, place: str) -> str:
    """A changing request has an id outside its path that is not known to be the run's own."""
    return (
        f"its {place} is an id that this run did not make (an example of the contract names "
        "a resource of others, or none). Give it an id of this run, or paste:\n"
    ) + _except(operation.id, "it would change what this run did not make")


def circle(names: Sequence[str]) -> str:
    """Requests that wait for each other."""
    way = " needs ".join(reversed(names))
    return (
        f"it waits for itself: {way}. Give one of them a value of its own, or except it:\n"
    ) + _except(names[0], "…")


def invalid(findings: Iterable[str], places: Sequence[str]) -> str:
    """A request that its own contract refuses."""
    origin = f" (rules: {', '.join(places)})" if places else ""
    return f"its request breaks the contract{origin}: {'; '.join(findings)}"


def unwritten(operation: Operation) -> str:
    """A request with a path parameter in the style `matrix`."""
    return (
        "a parameter of its path is in the style 'matrix', which is not written here. Paste:\n"
    ) + _except(operation.id, "its path is in the style matrix")


def _except(operation_id: str, reason: str) -> str:
    return toml_rule(operation_id, **{"except": {"reason": reason}})


def unusable(reason: str) -> str:
    """A request with an invalid schema."""
    return f"its contract is broken there, so it cannot be checked: {reason}"


def ungenerated(operation: Operation, reason: str, place: str = "body") -> str:
    """A request for which no value could be generated at one place."""
    location, _, name = place.partition("/")
    table = "headers" if location in {"header", "cookie"} else location
    name = "Cookie" if location == "cookie" else name
    what = f"{location} parameter {name!r}" if name else "body"
    return f"no valid request could be generated ({what}: {reason}). Write one:\n" + toml_rule(
        operation.id, **{table: {name: "…"} if name else {}}
    )


def decisions(drafts: Mapping[str, Draft], problems: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """
    The problems to solve, as `NAME: problem`, those first that most other requests wait for.

    A request that waits for another one is not listed: it is solved together with that one.
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
