"""The output, the files and the exit code of each subcommand except `smoke run`."""

import json
from asyncio import to_thread
from pathlib import Path

import pytest

from smoke.cli.main import main
from smoke.plan import load
from tests.loopback import answer, listening
from tests.results.records import begun, ended, passed
from tests.unlike import FOLDER, contract_of
from tests.unlike.projects import project_of

COMMANDS = ("serve", "gates", "contract", "plan", "rules", "ledger")
DEAD = 'base_url = "http://127.0.0.1:9"'
AUDIT = """
[tool.smoke.gates.audit]
covers = ["tag:audit"]
shut = "is not bought everywhere"
"""
CHILD = "import sys; print('child', *sys.argv[1:]); sys.exit(3)"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project around the shop."""
    return project_of("shop", tmp_path / "shop", DEAD)


@pytest.fixture
def lockers(tmp_path: Path) -> Path:
    """A project around the lockers, with a gate."""
    return project_of("lockers", tmp_path / "lockers", DEAD, AUDIT)


def output_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run a subcommand; return its exit code and its whole output as one line."""
    capsys.readouterr()
    code = main(arguments)
    captured = capsys.readouterr()
    return code, " ".join((captured.out + captured.err).split())


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_exists(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"Usage: smoke {command}".strip())
    assert all(name in shown for name in COMMANDS if not command)


@pytest.mark.parametrize("command", COMMANDS)
def test_directory_without_settings_is_misuse(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, output = output_of(capsys, command, "--root", str(tmp_path))
    assert code == 4
    assert output == f"{tmp_path}: there is no smoke.toml and no pyproject.toml. Run: smoke init"


def test_gates_are_listed_with_their_operations(
    lockers: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    code, output = output_of(capsys, "gates", "--root", str(lockers))
    assert code == 0
    assert output.startswith("Gates of target staging")
    assert "audit off default 1 - audit is off: is not bought everywhere" in output
    assert "SMOKE_ENABLE_AUDIT=1 opens it" in output


def test_gates_of_an_unknown_target_name_the_known_ones(
    lockers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, output = output_of(capsys, "gates", "--root", str(lockers), "--target", "stagging")
    assert code == 4
    assert "There is no target 'stagging'. Targets: staging." in output
    assert "Did you mean 'staging'?" in output


def test_plan_is_written_and_unchanged_the_second_time(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = shop / "openapi/plan.json"
    before = path.read_bytes()
    code, output = output_of(capsys, "plan", "--root", str(shop))
    assert (code, output) == (0, f"{path}: 11 entries, 0 for a person to decide")
    assert path.read_bytes() == before


def test_plan_shows_its_changes(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = shop / "openapi/rules.toml"
    rules.write_text(rules.read_text("utf-8").replace('"R-1"', '"R-2"'), encoding="utf-8")
    code, output = output_of(capsys, "plan", "--root", str(shop))
    assert code == 0
    place = "changed: GET /receipts/{receipt_no}: path/receipt_no"
    assert f'{place} "R-1" → "R-2"' in output


def test_record_that_is_not_of_a_whole_green_run_chooses_nothing(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = shop / "run.jsonl"
    run = begun(record, depth="quick")
    passed(run, "books.read")
    ended(run)
    code, output = output_of(capsys, "plan", "--root", str(shop), "--quick", str(record))
    assert code == 4
    assert f"{record}: not the record of a whole green run. Run: smoke run." in output
    assert not (shop / "openapi/plan.quick.json").exists()


def test_check_fails_for_a_stale_plan_and_leaves_it_unchanged(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, rules = shop / "openapi/plan.json", shop / "openapi/rules.toml"
    before = path.read_bytes()
    assert output_of(capsys, "plan", "--root", str(shop), "--check") == (0, "")
    rules.write_text(rules.read_text("utf-8").replace('"R-1"', '"R-2"'), encoding="utf-8")
    code, output = output_of(capsys, "plan", "--root", str(shop), "--check")
    assert code == 1
    assert "R-2" in output
    assert path.read_bytes() == before


def test_plan_explains_where_each_value_comes_from(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, output = output_of(capsys, "plan", "--root", str(shop), "--explain", "--check")
    assert code == 0
    assert "| GET /orders/{order_id} | order_id | POST /orders /id |" in output


def test_plan_of_another_contract_is_written_elsewhere(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (shop / "openapi/plan.json").read_bytes()
    files = ("--openapi", str(FOLDER / "notes.json"), "--rules", str(FOLDER / "notes.toml"))
    out = tmp_path / "notes-plan.json"
    code, output = output_of(capsys, "plan", "--root", str(shop), *files, "--out", str(out))
    assert (code, output) == (0, f"{out}: 14 entries, 0 for a person to decide")
    assert load(out).contract == contract_of("notes").digest
    assert (shop / "openapi/plan.json").read_bytes() == before


async def test_plan_of_live_document_equals_plan_of_file(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = (FOLDER / "notes.json").read_bytes()
    out = tmp_path / "notes-plan.json"
    async with listening(answer(200, document)) as here:
        url = f"{here.url}/openapi.json"
        rules = ("--rules", str(FOLDER / "notes.toml"))
        files = ("--openapi", url, *rules, "--out", str(out))
        code, output = await to_thread(output_of, capsys, "plan", "--root", str(shop), *files)
    assert code == 0, output
    assert [heard.line for heard in here.heard] == ["GET /openapi.json HTTP/1.1"]
    assert load(out).contract == contract_of("notes").digest


async def test_missing_live_document_is_named(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with listening(answer(404)) as here:
        url = f"{here.url}/openapi.json"
        found = await to_thread(output_of, capsys, "plan", "--root", str(shop), "--openapi", url)
    assert found == (4, f"{url}: unreadable: HTTP 404. Name an OpenAPI document.")


def test_missing_contract_file_is_named(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, output = output_of(capsys, "plan", "--root", str(shop), "--openapi", "nowhere.json")
    assert code == 4
    assert output.startswith("nowhere.json: unreadable: No such file or directory.")


def test_rules_that_fit_are_counted(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, output = output_of(capsys, "rules", "--root", str(shop))
    assert code == 0
    assert output == f"{shop}/openapi/rules.toml: 2 rules fit {shop}/openapi/shop.yaml"


def test_rule_that_matches_nothing_is_named_with_its_line(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = shop / "openapi/rules.toml"
    text = rules.read_text("utf-8")
    rules.write_text(f'{text}\n[[rule]]\noperation = "GET /nowhere"\n', encoding="utf-8")
    code, output = output_of(capsys, "rules", "--root", str(shop))
    assert code == 4
    assert f"{rules}:{len(text.splitlines()) + 2}" in output
    assert "GET /nowhere" in output


def test_rules_are_suggested(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = str(FOLDER / "library.json")
    code, output = output_of(capsys, "rules", "--root", str(shop), "--openapi", other, "--suggest")
    assert code == 0
    assert 'operation = "POST /loans/{loan_number}/return"' in output


def test_ledger_is_printed_or_written(
    lockers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, output = output_of(capsys, "ledger", "--root", str(lockers))
    assert code == 0
    assert "8 operations: 0 by hand-written checks, 8 by the plan, 0 excepted." in output
    assert "| `GET /audit` | audit | audit | plan | 200 | |" in output
    out = tmp_path / "COVERAGE.md"
    code, output = output_of(capsys, "ledger", "--root", str(lockers), "--out", str(out))
    assert (code, output) == (0, f"{out}: 8 operations")
    assert out.read_text("utf-8").startswith("# Coverage of Lockers\n")


def test_ledger_without_a_plan_shows_how_to_build_it(
    lockers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, output = output_of(capsys, "ledger", "--root", str(lockers), "--plan", "nowhere.json")
    assert code == 4
    assert (
        output == "nowhere.json: there is no plan: No such file or directory. Make it: nox -s plan."
    )


def test_contract_of_the_embedded_service_is_written_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = project_of("notes", tmp_path / "notes", 'serve = "tests.unlike.serve notes"')
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    out = tmp_path / "described.json"
    again = ("contract", "--root", str(root), "--out", str(out))
    assert output_of(capsys, *again) == (0, f"{out}: written")
    assert output_of(capsys, *again) == (0, f"{out}: unchanged")
    assert json.loads(out.read_text("utf-8")) == contract_of("notes").document


@pytest.mark.parametrize("command", ["serve", "contract"])
def test_target_without_service_is_misuse(
    command: str, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (shop / "openapi/shop.yaml").read_bytes()
    code, output = output_of(capsys, command, "--root", str(shop))
    assert code == 4
    assert output.startswith("The target has no service to start. Set serve =")
    assert (shop / "openapi/shop.yaml").read_bytes() == before


def test_serve_passes_options_and_returns_the_exit_code(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = project_of("shop", tmp_path / "shop", 'serve = "child_that_ends"')
    (tmp_path / "child_that_ends.py").write_text(CHILD, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    arguments = ("serve", "--root", str(root), "--port", "0", "--database", "state.db")
    code = main(arguments)
    assert code == 3
    assert (
        "child --exit-with-stdin --host=127.0.0.1 --port=0 --database=state.db\n"
        in capfd.readouterr().out
    )
