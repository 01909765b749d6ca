"""Values offered for a field by its name: the samples of the rules, and names of our own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from smoke.config.rules import Sample
from smoke.plan.build.naming import plain
from smoke.plan.values import from_rule, mark_of

# Fields with the name of the resource that a request creates.
NAMES_OF_THINGS = frozenset(
    {"name", "title", "slug", "label", "username", "login", "handle", "displayname"}
)

# Names that a new resource gets although they are optional, the best first.
OPTIONAL_NAMES = ("name", "title", "username")


@dataclass(frozen=True)
class Samples:
    """The samples of the rules."""

    rows: Sequence[Sample]

    def candidates(self, name: str, label: str) -> Iterator[tuple[Sample, Any]]:
        """The samples for a field of this name, exact names before patterns."""
        wanted = plain(name)
        # `userId`, `user_id` and `user-id` are the same name.
        exact = [s for s in self.rows if "*" not in s.name and plain(s.name) == wanted]
        loose = [s for s in self.rows if "*" in s.name and _matches(s.name, name)]
        for sample in (*exact, *sorted(loose, key=lambda s: s.name == "*")):
            for value in sample.values:
                yield sample, _labelled(from_rule(value, label), label)


def _matches(pattern: str, name: str) -> bool:
    return fnmatchcase(name.lower().replace("-", "_"), pattern.lower()) or fnmatchcase(
        plain(name), pattern.lower().replace("_", "")
    )


def _labelled(value: Any, label: str) -> Any:
    """Make a unique sample differ between fields, although they share its prefix."""
    return value | {"label": label} if mark_of(value) == "$unique" else value


def own_name(
    name: str, schema: Mapping[str, Any], label: str, examples: Sequence[Any]
) -> Iterator[tuple[str, Any]]:
    """Unique names for new resources: many services refuse the same name twice."""
    if schema.get("type") != "string" or not {"enum", "const", "default"}.isdisjoint(schema):
        return
    if plain(name) in NAMES_OF_THINGS and "format" not in schema:
        shown = "".join(str(example) for example in examples)
        # A hint at the letters that the service allows.
        if "_" in shown and "-" not in shown:
            yield "a name of its own", {"$unique": "smoke_", "as": "word", "label": label}
        yield "a name of its own", {"$unique": "smoke-", "label": label}
    elif schema.get("format") == "email" or plain(name) == "email":
        yield (
            "an address of its own",
            {
                "$unique": "smoke-",
                "suffix": "@example.com",
                "label": label,
            },
        )
