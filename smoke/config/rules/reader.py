"""From the text of a rules file to frozen rules."""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from smoke.config.rules.lines import Place, line_of, places
from smoke.config.rules.model import (
    UNASKED,
    ActorRow,
    Call,
    Csrf,
    Excepted,
    Known,
    Login,
    Rule,
    Rules,
    Sample,
    Seed,
    Then,
    Token,
)
from smoke.config.rules.values import malformed
from smoke.config.schemas import Mistake, mistakes, without_dates
from smoke.documents import TextError, UnreadableError, parse_toml, read_text, visible
from smoke.documents.json import digest_of
from smoke.errors import DataError, nearest

EXACT, GLOB = 2, 0
# The sections that a plan depends on; the others do not make it stale.
SHAPING = ("rule", "samples", "world", "actors", "workflow")


def load(path: Path | str) -> Rules:
    """
    The rules in a file.

    Raises:
        DataError: the file cannot be read, or has mistakes; with one line for each.
    """
    try:
        text = read_text(path)
    except UnreadableError as error:
        raise DataError(f"{path}: unreadable: {error.reason}. Name the rules file.") from None
    return parse(text, str(path))


def parse(text: str, source: str = "rules.toml") -> Rules:
    """The rules in a text; `source` names it in messages."""
    try:
        # TOML has dates, the JSON Schema knows texts only.
        data = without_dates(parse_toml(text))
    except TextError as error:
        raise DataError(f"{source}:{error.place}: {error.problem}.") from None
    # The parser of TOML keeps no lines, and people look for a mistake by its line.
    lines = places(text)
    found = [*mistakes("rules", data), *malformed(data), *_unlisted(data)]
    wrong = [f"{source}:{line_of(lines, path)}: {visible(text)}" for path, text in found]
    if wrong:
        raise DataError("\n".join(sorted(wrong, key=_by_line)))
    return _Reader(data, source, lines).rules()


def _unlisted(data: Mapping[str, Any]) -> Iterator[Mistake]:
    """Samples that have several values, but no list of them."""
    samples = data.get("samples")
    for name, value in samples.items() if isinstance(samples, dict) else ():
        if _is_several(value) and not isinstance(value["any"], list):
            yield ("samples", name), f"any = {str(value['any'])[:60]!r}; a list is expected."


def _is_several(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"any"}


def _by_line(message: str) -> tuple[int, str]:
    place = message.partition(": ")[0]
    number = place.rpartition(":")[2]
    return (int(number) if number.isdigit() else 0, message)


def _tuple(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)


class _Reader:
    def __init__(self, data: dict[str, Any], source: str, lines: dict[Any, int]) -> None:
        self._data = data
        self._source = source
        self._lines = lines

    def rules(self) -> Rules:
        data, world = self._data, dict(self._data.get("world", {}))
        made = world.pop("made", {})
        return Rules(
            source=self._source,
            rules=(
                *(rule_of(row, self._at("rule", i)) for i, row in self._rows("rule")),
                *self._steps(),
            ),
            samples=tuple(self._samples()),
            known=tuple(
                Known(self._at("known", i), **_fields(row)) for i, row in self._rows("known")
            ),
            ready=data.get("ready", {}).get("operation"),
            live=data.get("live", {}).get("document"),
            login=_login(data.get("login")),
            seed=_seed(data.get("seed")),
            world=world,
            world_made=made,
            actors={name: ActorRow(name, **row) for name, row in data.get("actors", {}).items()},
            digest=_digest(data),
            places=self._places(),
        )

    def _at(self, *path: str | int) -> str:
        return f"{self._source}:{line_of(self._lines, path)}"

    def _rows(self, section: str) -> enumerate[dict[str, Any]]:
        return enumerate(self._data.get(section, ()))

    def _steps(self) -> list[Rule]:
        """The rules of the steps of all workflows."""
        rows = [(self._at(*place), row) for place, row in rows_of(self._data.get("workflow", ()))]
        wrong = [f"{place}: {row}" for place, row in rows if isinstance(row, StepError)]
        if wrong:
            raise DataError("\n".join(wrong))
        return [rule_of(row, place) for place, row in rows if not isinstance(row, StepError)]

    def _places(self) -> dict[str, str]:
        return {
            ".".join(str(part) for part in path): f"{self._source}:{line}"
            for path, line in self._lines.items()
        }

    def _samples(self) -> list[Sample]:
        found = []
        for name, value in self._data.get("samples", {}).items():
            values = tuple(value["any"]) if _is_several(value) else (value,)
            found.append(Sample(name, values, self._at("samples", name)))
        return found


def _refusals(row: Any) -> tuple[int, ...]:
    words = {"allowed": (), "unasked": UNASKED}
    return words[row] if isinstance(row, str) else tuple(row)


# Keys of a table with another name in its class, and the conversions of their values.
RENAMED = {"operation": "operations", "as": "name", "except": "excepted"}
CONVERTED: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("operation", "expect", "after", "status", "targets"), _tuple),
    # The expected refusals are a list of statuses, or a word.
    **dict.fromkeys(("anonymous", "outsider"), _refusals),
    "except": lambda row: Excepted(**_fields(row)),
    "then": lambda row: Then(**row),
    "expires": datetime.date.fromisoformat,
}


def _fields(row: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a rule, an exception or a known defect; the schema has accepted the table."""
    return {
        RENAMED.get(key, key): CONVERTED[key](value) if key in CONVERTED else value
        for key, value in row.items()
    }


def rule_of(row: Mapping[str, Any], place: str, rank: int | None = None) -> Rule:
    """One rule from a table with the keys of a `[[rule]]`; the schema has accepted it."""
    fields = _fields(row)
    if rank is None:
        rank = GLOB if any(map(is_glob, fields["operations"])) else EXACT
    return Rule(place=place, rank=rank, **fields)


def is_glob(operation: str) -> bool:
    """Whether the text names operations by pattern or tag instead of by id."""
    return "*" in operation or "?" in operation or operation.startswith("tag:")


def _login(row: Mapping[str, Any] | None) -> Login:
    if row is None:
        return Login(kind="none")
    token = row.get("token")
    plain = {key: row[key] for key in row if key not in {"renew", "end", "token", "csrf"}}
    return Login(
        **plain,
        renew=Call(**row["renew"]) if "renew" in row else None,
        end=Call(**row["end"]) if "end" in row else None,
        csrf=Csrf(**row["csrf"]) if "csrf" in row else None,
        token=token and Token(**{**token, "algorithms": tuple(token["algorithms"])}),
    )


def _seed(row: Mapping[str, Any] | None) -> Seed | None:
    if row is None:
        return None
    plain = {key: row[key] for key in row if key not in {"cleanup", "absent"}}
    cleanup = tuple(Call(**call) for call in row.get("cleanup", ()))
    return Seed(**plain, cleanup=cleanup, absent=tuple(row.get("absent", (404,))))


def _digest(data: Mapping[str, Any]) -> str:
    """The digest of the sections that shape requests; comments and layout do not count."""
    # A changed deadline of a known defect, for example, must not make the plan stale.
    shaping = {key: data[key] for key in SHAPING if key in data}
    return digest_of(shaping)


# The keys of a step that its rule does not have.
OWN = ("name", "outputs")

Row = dict[str, Any]


class StepError(Exception):
    """A step takes something that no earlier step has; the text says what."""


# Workflows need no code of their own in a run: each step becomes a rule.
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
