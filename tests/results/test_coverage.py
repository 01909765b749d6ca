"""Coverage: who is to see each operation succeed; the committed table says what is so."""

from pathlib import Path

import pytest

from smoke.cli.main import main
from smoke.config.gates import Gates, read_gates
from smoke.contract import Contract
from smoke.errors import SmokeError
from smoke.pytest_plugin.items import declared
from smoke.results.coverage import coverage, markdown
from tests.planning import operation, plan_for, plan_of
from tests.smoking import smoke_run
from tests.unlike import contract_of

ROOT = Path(__file__).parents[2]


def package(folder: Path, name: str, **modules: str) -> None:
    """A package of checks in a folder."""
    (folder / name).mkdir()
    (folder / name / "__init__.py").touch()
    for module, text in modules.items():
        (folder / name / f"{module}.py").write_text(text, encoding="utf-8")


DECLARING = """
import pytest

@pytest.mark.exercises("GET /notes", "POST /notes")
async def test_notes_are_kept(): ...

@pytest.mark.exercises("GET /notes")
def test_notes_are_listed(): ...

def test_nothing_in_particular(): ...

@pytest.mark.exercises("GET /ping")
def helper(): ...

THINGS = [
    pytest.param("note", marks=pytest.mark.exercises("DELETE /notes"), id="note"),
    pytest.param("page", marks=pytest.mark.exercises("DELETE /pages", "GET /notes"), id="page"),
]

@pytest.mark.parametrize("thing", THINGS)
async def test_things_go(thing): ...
"""


def test_declared_operations_name_their_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package(tmp_path, "declaring_checks", test_notes=DECLARING)
    monkeypatch.syspath_prepend(tmp_path)
    assert declared("declaring_checks") == {
        "GET /notes": ["notes.notes_are_kept", "notes.notes_are_listed", "notes.things_go[page]"],
        "POST /notes": ["notes.notes_are_kept"],
        "DELETE /notes": ["notes.things_go[note]"],
        "DELETE /pages": ["notes.things_go[page]"],
    }


def test_no_package_declares_nothing() -> None:
    assert declared("") == {}


@pytest.mark.parametrize("name", ["package_that_is_nowhere", "json.decoder"])
def test_package_that_cannot_be_imported_is_named(name: str) -> None:
    with pytest.raises(SmokeError, match=f"The checks in '{name}' cannot be imported"):
        declared(name)


def test_every_operation_has_one_row_in_the_order_of_the_contract() -> None:
    contract, gates = contract_of("notes"), audit_like("files")
    checks = {"GET /notes": ["notes.listed", "notes.kept"]}
    rows = {row.operation: row for row in coverage(contract, gates, plan_of("notes"), checks)}
    assert list(rows) == list(contract.operations)
    assert rows["GET /notes"].by == "notes.listed, notes.kept"
    assert (rows["POST /notes"].by, rows["POST /notes"].expect) == ("plan", "201")
    assert rows["POST /notes/import"].gate == "files"
    row = rows["DELETE /notes"]
    assert (row.by, row.reason) == ("", "it would delete notes that this run did not write")


def audit_like(tag: str) -> Gates:
    """A gate over one tag."""
    row = {"covers": [f"tag:{tag}"], "shut": "costs money"}
    return read_gates({tag: row}, {}, {}, (), [])


def test_operation_without_an_entry_says_so() -> None:
    plan = plan_for({"/a": {"get": operation()}})
    (row,) = coverage(contract_with("/b"), Gates(), plan, {})
    assert (row.by, row.reason) == ("", "the plan has no entry for it")


def contract_with(path: str) -> Contract:
    """A contract with one operation."""
    paths = {path: {"get": operation()}}
    return Contract({"openapi": "3.1.0", "info": {"title": "a|b", "version": "1"}, "paths": paths})


def test_problem_of_the_plan_is_shown_by_its_first_line() -> None:
    plan = plan_for({"/a/{id}": {"get": operation()}})
    (row,) = coverage(contract_with("/a/{id}"), Gates(), plan, {})
    assert row.by == ""
    assert row.reason
    assert "\n" not in row.reason


def test_table_counts_and_escapes() -> None:
    contract = contract_of("notes")
    checks = {"GET /notes": ["notes.listed[a|b]"]}
    text = markdown(coverage(contract, Gates(), plan_of("notes"), checks), contract)
    assert text.startswith("# Coverage of Notes\n")
    assert "13 operations: 1 by hand-written checks, 11 by the plan, 1 excepted." in text
    assert "| `GET /notes` | notes |  | notes.listed[a\\|b] | 200 |  |\n" in text
    assert text.count("\n| `") == 13


def test_committed_table_is_that_of_contract_plan_and_checks(tmp_path: Path) -> None:
    made = tmp_path / "COVERAGE.md"
    assert main(["ledger", "--root", str(ROOT), "--out", str(made)]) == 0
    committed = (ROOT / "openapi/COVERAGE.md").read_text(encoding="utf-8")
    assert committed == made.read_text(encoding="utf-8"), "Make it again: nox -s ledger."


def test_table_credits_the_plan_with_what_a_run_does(tmp_path: Path) -> None:
    run = smoke_run(tmp_path, "--target=local")
    assert run.code == 0, run.out
    checks = [row for row in run.record("check", "local") if row["generated"]]
    sent = {operation for row in checks for operation in row["operations"]}
    table = (ROOT / "openapi/COVERAGE.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("|")] for line in table if "| `" in line]
    assert {row[1].strip("`") for row in rows if row[4] == "plan"} == sent
