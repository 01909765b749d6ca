"""Projects of another team: a contract, rules, a plan, and the checks they have, if any."""

import re
from functools import cache
from pathlib import Path
from shutil import copy

from smoke.config.rules import parse
from smoke.contract import Contract
from smoke.plan.build.builder import build
from tests.smoking import Finished, smoke_run
from tests.unlike import FOLDER, library, lockers, notes, shop
from tests.unlike.serve import serving

# What the actors of the services show, by the variable that their rules name.
KEYS = {
    "NOTES_KEY_OWNER": notes.KEY,
    "SHOP_KEY_CLERK": shop.KEY,
    "LIBRARY_KEY_READER": "token-of-a-reader",
    "LIBRARY_KEY_LIBRARIAN": library.KEY,
    "LOCKERS_KEY_OWNER": "key-of-the-owner-of-lockers",
    "LOCKERS_KEY_OUTSIDER": "key-of-someone-else-entirely",
}

TABLE = """\
[tool.pytest]
addopts = ["-p", "no:schemathesis"]
asyncio_default_fixture_loop_scope = "session"

[tool.smoke]
contract = "openapi/{contract}"
target = "staging"
{more}
[tool.smoke.targets.staging]
{row}
"""


def project_of(name: str, folder: Path, row: str, more: str = "", rules: str = "") -> Path:
    """A project around one of the services; `more` goes into its table, `rules` into its rules."""
    contract = next(FOLDER.glob(f"{name}.[jy][sa]*"))
    own = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    return made(folder, contract, f"{own}\n{rules}", row, more)


def made(folder: Path, contract: Path, rules: str, row: str, more: str = "") -> Path:
    """A project with its plan in a folder."""
    (folder / "openapi").mkdir(parents=True, exist_ok=True)
    copy(contract, folder / "openapi" / contract.name)
    (folder / "openapi/rules.toml").write_text(rules, encoding="utf-8")
    table = TABLE.format(contract=contract.name, row=row, more=more)
    (folder / "pyproject.toml").write_text(table, encoding="utf-8")
    plan = plan_text(contract.read_text(encoding="utf-8"), contract.name, rules)
    (folder / "openapi/plan.json").write_text(plan, encoding="utf-8", newline="\n")
    return folder


@cache
def plan_text(contract: str, name: str, rules: str) -> str:
    """The output of `python -m smoke plan`, built once per test process."""
    return build(Contract.parse(contract, name), parse(rules)).text()


def lockers_run(
    folder: Path, *arguments: str, fault: str = "", row: str = "", more: str = "", rules: str = ""
) -> tuple[Finished, dict[int, lockers.Row]]:
    """A run against the lockers, and the lockers that exist afterwards."""
    app = lockers.make(fault)
    with serving(app) as url:
        base = f'base_url = "{url}"\n{row}'
        root = project_of("lockers", folder / "project", base, more, rules)
        run = smoke_run(folder, *arguments, root=root, **KEYS)
    rows: dict[int, lockers.Row] = app.state.rows
    return run, rows


def verdict(run: Finished) -> str:
    """The verdict and its reason, as one line; as printed where the run left no record."""
    if (run.records / "staging/run.jsonl").is_file() and run.record("verdict"):
        (last,) = run.record("verdict")
        cause = f" ({last['cause']})" if last["cause"] else ""
        if last["word"] != "green":
            return " ".join(f"{last['word'].upper()}{cause} {last['reason']}".split())
    flags = re.DOTALL | re.MULTILINE
    found = re.search(
        r"^(GREEN|RED|UNVERIFIED|MISUSED).*?(?=\n\d|\nfirst |\n\n|\Z)", run.out, flags
    )
    return " ".join(found.group().split()) if found else run.out


def ended(run: Finished) -> dict[str, str]:
    """The outcome of each check, by name."""
    return {row["check"]: row["outcome"] for row in run.record("check")}


def accounts(run: Finished) -> dict[str, str]:
    """The outcome of each operation of the contract."""
    (last,) = run.record("verdict")
    return {row["operation"]: row["account"] for row in last["ledger"]}
