"""The pytest plugin: inert unless a smoke run is asked for, by `--target` or `-m smoke`."""

import gc
import os
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from smoke.errors import SmokeError
from smoke.pytest_plugin.asked import is_asked, listing
from smoke.pytest_plugin.claim import CLAIMS, claim, last_word, misused, watch
from smoke.pytest_plugin.deadline import end_with_parent, interrupt_on_term
from smoke.pytest_plugin.parallel import spread
from smoke.pytest_plugin.parallel.spread import IGNORED, SETTINGS

# Objects that are made before Python searches for garbage: a run leaves little and soon ends.
GARBAGE = 50_000

# The marks of checks, as `pytest --markers` shows them.
MARKS = (
    "smoke: a check of the service, run by `pytest -m smoke`",
    "exercises(*operations): operations a check sees succeed",
    "generated: an entry of the plan",
    "quick: a check that a quick run includes, too",
    "gate(name): a check of an optional surface",
    "alone(*names): what no other check may use meanwhile; no name: no other runs",
    "beside(*fixtures): shared fixtures that other checks may change meanwhile",
)


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the options; they are there in every pytest run, so that `--help` shows them."""
    watch(pluginmanager)
    pluginmanager.register(spread, "smoke-spread")
    group = parser.getgroup("smoke", "smoke run (asked for by --target, or by -m smoke)")
    group.addoption(
        "--target", action="append", default=[], metavar="NAME|@TAG",
        help="row of [tool.smoke.targets] to run against, or all rows with a tag; several "
        "(repeatable) run at once, each on a worker of its own",
    )  # fmt: skip
    # pytest-base-url, which pytest-playwright needs, has this option too: then it is shared.
    if find_spec("pytest_base_url") is None:
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
        help="send this operation even to a protected target (repeatable)",
    )  # fmt: skip
    group.addoption(
        "--production", action="append", default=[], metavar="NAME",
        help="name a target a second time, so that it is seeded though its host looks like "
        "production (repeatable)",
    )  # fmt: skip
    group.addoption(
        "--depth", choices=("quick", "full"), metavar="quick|full",
        help="how much to ask: each operation once with its success, and one refusal per surface "
        "(quick), or everything (full, the default)",
    )  # fmt: skip
    group.addoption(
        "--expect-version", metavar="VERSION",
        help="version that must be running: sets the option `version` of the target",
    )  # fmt: skip
    group.addoption(
        "--all-operations", action="store_true",
        help="send the plan's request for every operation, also where a check has seen it succeed",
    )  # fmt: skip
    group.addoption(
        "--notify", action="append", default=[], metavar="URL",
        help="send the verdict with its reason to a webhook, or to a URL of apprise (repeatable)",
    )  # fmt: skip
    group.addoption(
        "--keep", action="store_true",
        help="leave for an hour what the run makes, for a look at it; `smoke sweep` removes it",
    )  # fmt: skip
    group.addoption(
        "--at-once", type=int, default=os.cpu_count() or 1, metavar="N",
        help="maximum number of targets at the same time (default: the number of cores)",
    )  # fmt: skip
    group.addoption(
        "--concurrency", type=int, metavar="N",
        help="maximum number of checks of a target at the same time, instead of the number in "
        "its row (default: 8; 1: one after the other)",
    )  # fmt: skip
    group.addoption(
        "--repeat", type=int, default=1, metavar="N",
        help="run the whole suite N times and report the differences",
    )  # fmt: skip
    group.addoption(
        "--since", metavar="FILE|DIR",
        help="record of an earlier run (for several targets, their directory), to report changes",
    )  # fmt: skip
    group.addoption(
        "--no-color", action="store_const", const="no", default="auto", dest="color",
        help="no colour and no live progress, as with NO_COLOR=1",
    )  # fmt: skip
    group.addoption(
        "--records",
        default=".smoke",
        metavar="DIR",
        help="directory for records (as --records=DIR)",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Claim the run's directories before a conftest or an option can end the command."""
    if claim(early_config, os.environ):
        # As early as this: without nox a run must not go on, also if nox is killed now.
        end_with_parent(os.environ)
        early_config.add_cleanup(interrupt_on_term())


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Run the suite several times with `--repeat`."""
    times = config.getoption("--repeat")
    if times < 2 or not is_asked(config.option, config.rootpath):
        return None
    from smoke.pytest_plugin.repeat import repeat

    records = config.rootpath / config.getoption("--records")
    return repeat(times, config.invocation_params.args, records)


@pytest.hookimpl(trylast=True)  # pytest has made its terminal reporter by then
def pytest_configure(config: pytest.Config) -> None:
    """Register the markers; in a smoke run also read the settings and start the service."""
    for mark in MARKS:
        config.addinivalue_line("markers", mark)
    if hasattr(config, "workerinput"):
        _begin_in_worker(config)
    elif is_asked(config.option, config.rootpath):
        try:
            _begin(config)
        except SmokeError as error:
            raise misused(config, error) from None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Correct the result if another plugin fails after ours has reached the verdict."""
    with last_word(session.config):
        yield


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_unconfigure(config: pytest.Config) -> Iterator[None]:
    """Correct the exit code and the files if another plugin made them wrong."""
    with last_word(config):
        yield


def _begin_in_worker(config: pytest.Config) -> None:
    """Run the target of a worker; a worker of another xdist run has none."""
    if "smoke_task" in config.workerinput:  # type: ignore[attr-defined]
        gc.set_threshold(GARBAGE)
        from smoke.pytest_plugin.parallel.worker import begin_in_worker

        config.add_cleanup(interrupt_on_term())
        begin_in_worker(config)


def _begin(config: pytest.Config) -> None:
    """Turn this pytest run into a smoke run; imports what only a smoke run needs."""
    gc.set_threshold(GARBAGE)
    by_target = config.stash[SETTINGS]
    if len(by_target) > 1:
        from smoke.pytest_plugin.parallel.controller import Controller

        controller = Controller(config, by_target, os.environ)
        config.pluginmanager.register(controller, "smoke-controller")
        return
    ((name, settings),) = by_target.items()
    if isinstance(settings, SmokeError):
        raise settings
    from smoke.session.service_process import started

    # It starts while this process imports and reads the rest, which saves time.
    service = None if listing(config.option) else started(settings, os.environ)
    from smoke.pytest_plugin.begin import begin, begin_listing

    if listing(config.option):
        begin_listing(config, settings, listing(config.option))
        return
    hooks = begin(config, settings, config.stash[CLAIMS].folder(name), service)
    if IGNORED in config.stash:
        hooks.smoke.run.note(config.stash[IGNORED])
