"""Twenty mistakes of a user, each of which must end a run with 4 before it proves anything."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Misuse:
    """Options, variables, and a change of the project's files."""

    name: str
    arguments: tuple[str, ...] = ()
    environ: dict[str, str] = field(default_factory=dict)
    edit: Callable[[Path], object] | None = None


def _written(name: str, text: str) -> Callable[[Path], object]:
    return lambda root: (root / name).write_text(text, encoding="utf-8")


def _appended(name: str, text: str) -> Callable[[Path], object]:
    def append(root: Path) -> None:
        path = root / name
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    return append


def _replaced(name: str, old: str, new: str) -> Callable[[Path], object]:
    def replace(root: Path) -> None:
        path = root / name
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    return replace


PLAN, RULES, CONTRACT = "openapi/plan.json", "openapi/rules.toml", "openapi/desk.json"

MISUSES = (
    Misuse("unknown gate", ("--gate=drawer",)),
    Misuse("unknown gate shut", ("--no-gate=drawer",)),
    Misuse("unknown option", ("--no-such-option",)),
    Misuse("number that is a word", ("--at-once=many",)),
    Misuse("repeat that is a word", ("--repeat=often",)),
    Misuse("unknown operation allowed", ("--allow=DELETE /drawers",)),
    Misuse("missing earlier record", ("--since=no-such-record.jsonl",)),
    Misuse("unknown gate in a variable", environ={"SMOKE_ENABLE_DRAWER": "1"}),
    Misuse("timeout that is a word", environ={"SMOKE_HTTP_TIMEOUT": "soon"}),
    Misuse("short password", environ={"SMOKE_USER_PASSWORD": "short"}),
    Misuse("rules that are not TOML", edit=_appended(RULES, "\n[[rule\n")),
    Misuse(
        "rule for an unknown operation", edit=_appended(RULES, '\n[[rule]]\noperation = "GET /x"\n')
    ),
    Misuse("contract that is not JSON", edit=_written(CONTRACT, "{")),
    Misuse("contract that is missing", edit=lambda root: (root / CONTRACT).unlink()),
    Misuse("plan that is missing", edit=lambda root: (root / PLAN).unlink()),
    Misuse("plan that is stale", edit=_replaced(CONTRACT, "/notes/{note_id}", "/cards/{note_id}")),
    Misuse("misspelt key of a target", edit=_replaced("pyproject.toml", "base_url", "base_ulr")),
    Misuse(
        "check that cannot be imported", edit=_written("desk_checks/test_x.py", "import no_such\n")
    ),
    Misuse("conftest that cannot be imported", edit=_written("conftest.py", "import no_such\n")),
    Misuse(
        "check of an unknown operation",
        edit=_written(
            "desk_checks/test_x.py",
            "import pytest\n\n@pytest.mark.exercises('GET /drawers')\ndef test_x(): pass\n",
        ),
    ),
)
