"""The pytest plugin: inert unless a smoke run is asked for, by `--target` or `-m smoke`."""

import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smoke.errors import SmokeError

if TYPE_CHECKING:
    from smoke.settings import Flags


DERIVED = ("live.py", "refusals.py", "generated.py")
"""Modules of the engine that pytest collects: their checks are derived from the contract."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options; they are there in every pytest run, so that `--help` shows them."""
    group = parser.getgroup("smoke", "smoke run (asked for by --target, or by -m smoke)")
    group.addoption("--target", help="row of [tool.smoke.targets] to run against")
    group.addoption("--base-url", help="URL of the target, instead of the one in its row")
    group.addoption(
        "--gate", action="append", default=[], metavar="NAME[=STATE]",
        help="open a gate; STATE is on, off or absent (repeatable)",
    )  # fmt: skip
    group.addoption(
        "--no-gate", action="append", default=[], metavar="NAME", help="shut a gate (repeatable)"
    )
    group.addoption(
        "--allow", action="append", default=[], metavar="OPERATION",
        help="send this one operation to a protected target all the same (repeatable)",
    )  # fmt: skip
    group.addoption(
        "--all-operations", action="store_true",
        help="send the plan's request for every operation, also where a check has seen it succeed",
    )  # fmt: skip
    group.addoption(
        "--repeat", type=int, default=1, metavar="N",
        help="run the whole suite N times and tell what varied",
    )  # fmt: skip
    group.addoption(
        "--records", default=".smoke", metavar="DIR", help="folder for records (as --records=DIR)"
    )


def asked(config: pytest.Config) -> bool:
    """Tell whether this pytest run is a smoke run."""
    expression = config.getoption("markexpr", "") or ""
    return bool(config.getoption("--target")) or "smoke" in expression.split()


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Run the suite several times where that was asked for."""
    times = config.getoption("--repeat")
    if times < 2 or not asked(config):
        return None
    from smoke.repeat import repeat

    records = config.rootpath / config.getoption("--records")
    return repeat(times, config.invocation_params.args, records)


@pytest.hookimpl(trylast=True)  # pytest has made its terminal reporter by then
def pytest_configure(config: pytest.Config) -> None:
    """Register the markers; in a smoke run also read the settings and start the service."""
    config.addinivalue_line("markers", "smoke: a check of the service, run by `pytest -m smoke`")
    config.addinivalue_line("markers", "exercises(*operations): operations a check sees succeed")
    config.addinivalue_line("markers", "generated: an entry of the plan")
    config.addinivalue_line("markers", "gate(name): a check of an optional surface")
    if not asked(config) or hasattr(config, "workerinput"):
        return
    try:
        _begin(config)
    except SmokeError as error:
        raise pytest.UsageError(f"\n{error}") from None


def _begin(config: pytest.Config) -> None:
    """Turn this pytest run into a smoke run; imports what only a smoke run needs."""
    from smoke.settings import read_settings, read_table

    root = config.rootpath
    settings = read_settings(read_table(root / "pyproject.toml"), root, os.environ, _flags(config))
    config.option.asyncio_mode = "auto"
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        derived = [str(Path(__file__).with_name(name)) for name in DERIVED]
        written = [str(_folder(settings.checks))] if settings.checks else []
        config.args = [*written, *derived]
    if not config.option.maxfail and "--maxfail=0" not in config.invocation_params.args:
        config.option.maxfail = 1
    from smoke.conduct import Conductor

    config.pluginmanager.register(Conductor(config, settings, os.environ), "smoke-conductor")


def _flags(config: pytest.Config) -> "Flags":
    from smoke.settings import Flags

    shut = [f"{name}=off" for name in config.getoption("--no-gate")]
    return Flags(
        target=config.getoption("--target"),
        base_url=config.getoption("--base-url"),
        gates=(*config.getoption("--gate"), *shut),
        allow=tuple(config.getoption("--allow")),
    )


def _folder(module: str) -> Path:
    """Where the checks are: the folder of a package."""
    found = importlib.util.find_spec(module)
    places: Any = found.submodule_search_locations if found else None
    if not places:
        raise SmokeError(f"[tool.smoke] checks = {module!r} is not a package that can be imported.")
    return Path(next(iter(places)))
