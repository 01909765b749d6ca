"""Projects of another team: a contract, rules, a plan, and the checks they have, if any."""

from pathlib import Path
from shutil import copy

from smoke.__main__ import main
from tests.unlike import FOLDER, library, notes, shop

KEYS = {
    "NOTES_KEY_OWNER": notes.KEY,
    "SHOP_KEY_CLERK": shop.KEY,
    "LIBRARY_KEY_READER": "token-of-a-reader",
    "LIBRARY_KEY_LIBRARIAN": library.KEY,
    "LOCKERS_KEY_OWNER": "key-of-the-owner-of-lockers",
    "LOCKERS_KEY_OUTSIDER": "key-of-someone-else-entirely",
}
"""What the actors of the services show, by the variable that their rules name."""

TABLE = """\
[tool.pytest]
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
    (folder / "openapi").mkdir(parents=True)
    copy(contract, folder / "openapi" / contract.name)
    (folder / "openapi/rules.toml").write_text(rules, encoding="utf-8")
    table = TABLE.format(contract=contract.name, row=row, more=more)
    (folder / "pyproject.toml").write_text(table, encoding="utf-8")
    assert main(["plan", "--root", str(folder)]) == 0
    return folder
