"""Matching rules to operations, and merging the rules of each operation."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from smoke.config.rules.model import Rule, Rules
from smoke.config.rules.reader import is_glob, rule_of
from smoke.config.rules.values import is_reference, malformed
from smoke.config.schemas import mistakes
from smoke.contract import Contract, Operation
from smoke.errors import DataError

EXTENSION_RANK = 1
MERGED = ("path", "query", "headers")
SCALARS = (
    *("actor", "gate", "media_type", "expect", "excepted", "creates", "destroys", "ends_session"),
    *("victim", "send", "own", "stream", "then", "anonymous", "outsider", "invalid"),
    *("undocumented", "slow_s", "shape", "holds", "step"),
)
# Keys with a meaning for an empty list: no refusal is expected.
ALLOWED = frozenset({"anonymous", "outsider"})


@dataclass(frozen=True, slots=True)
class Matched:
    """
    All rules of one operation merged into one, and the requests that named rules add.

    `places` are the lines of the merged rules.
    """

    rule: Rule
    places: tuple[str, ...] = ()
    extra: tuple[Rule, ...] = ()


def names(patterns: Iterable[str], operation: Operation) -> bool:
    """Whether a pattern matches an operation: its id, a glob over ids, or a tag."""
    return any(
        pattern == operation.id
        or (pattern.startswith("tag:") and pattern[4:] in operation.tags)
        or (is_glob(pattern) and fnmatchcase(operation.id, pattern))
        for pattern in patterns
    )


def match(contract: Contract, rules: "Rules") -> dict[str, Matched]:
    """
    The merged rule of every operation, by operation id.

    Raises:
        DataError: two rules of equal exactness contradict each other, or an `x-smoke` of the
            contract is malformed; with one line for each mistake.
    """
    wrong: list[str] = []
    exact: dict[str, list[Rule]] = {}
    loose: list[Rule] = []
    for rule in rules.rules:
        if any(map(is_glob, rule.operations)):
            loose.append(rule)
        else:
            for name in rule.operations:
                exact.setdefault(name, []).append(rule)
    found: dict[str, Matched] = {}
    for operation in contract.operations.values():
        # The more exact rules come later, because later values replace earlier ones.
        rows = [rule for rule in loose if names(rule.operations, operation)]
        rows += [*_extension(contract, operation, wrong), *exact.get(operation.id, ())]
        found[operation.id] = _merge(operation, rows, wrong)
    if wrong:
        raise DataError("\n".join(wrong))
    return found


def _extension(contract: Contract, operation: Operation, wrong: list[str]) -> Iterator[Rule]:
    """The rules in the contract itself, as `x-smoke`: one table, or a list of tables."""
    # Whoever owns the contract may keep the facts there instead of in a rules file.
    rows = operation.extension
    if rows is None:
        return
    for row in rows if isinstance(rows, list) else [rows]:
        place = f"{contract.source}#{operation.pointer}/x-smoke"
        found = [*mistakes("x-smoke", row), *malformed(row)]
        problems = [f"{place}: {problem}" for _, problem in found]
        wrong += problems
        if not problems:
            yield rule_of({**row, "operation": operation.id}, place, EXTENSION_RANK)


def _merge(operation: Operation, rows: list[Rule], wrong: list[str]) -> Matched:
    plain = [rule for rule in rows if not rule.name]
    merged: dict[str, Any] = {"place": "", "operations": (operation.id,)}
    origin: dict[tuple[str, ...], Rule] = {}
    for rule in plain:
        for path, value in _leaves(rule):
            _clash(path, value, rule, merged, origin, wrong)
            _put(merged, path, value)
            origin[path] = rule
    # `after` is the only key that collects the values of all rules.
    after = dict.fromkeys(name for rule in plain for name in rule.after)
    whole = Rule(**merged | {"after": tuple(after)})
    extra = tuple(rule for rule in rows if rule.name)
    return Matched(whole, tuple(rule.place for rule in plain), extra)


def _leaves(rule: Rule) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every single value of a rule, by path; tables inside the body are split up."""
    for name in SCALARS:
        value = getattr(rule, name)
        if value is not None and (value != () or name in ALLOWED):
            yield (name,), value
    for name in (*MERGED, "body"):
        value = getattr(rule, name)
        if value is not None and value != {}:
            yield from _tables(value, (name,))


def _tables(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict) and value and not is_reference(value):
        for key, member in value.items():
            yield from _tables(member, (*path, key))
    else:
        yield path, value


def _put(merged: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    node = merged
    for key in path[:-1]:
        if not isinstance(node.get(key), dict):
            node[key] = {}
        node = node[key]
    node[path[-1]] = value


def _clash(
    path: tuple[str, ...],
    value: Any,
    rule: Rule,
    merged: Mapping[str, Any],
    origin: Mapping[tuple[str, ...], Rule],
    wrong: list[str],
) -> None:
    """Report two equally exact rules with different values: neither could win."""
    earlier = origin.get(path)
    if earlier is None or earlier.rank != rule.rank:
        return
    node: Any = merged
    for key in path:
        node = node.get(key) if isinstance(node, dict) else None
    if node != value:
        what = ".".join(path).replace("excepted", "except")
        wrong.append(
            f"{rule.place}: {what} of {rule.operations[0]!r} contradicts {earlier.place}. "
            "Keep one of them."
        )
