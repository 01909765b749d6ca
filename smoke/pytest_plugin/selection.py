"""Selects and orders the checks of a smoke run, and skips those that do not apply."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from smoke.config.gates import Gate
from smoke.plan import Entry
from smoke.plan.depth import beside, cover, load
from smoke.pytest_plugin.derived.forged import readable
from smoke.pytest_plugin.derived.input import bodies
from smoke.pytest_plugin.derived.isolation import tenant_lists
from smoke.pytest_plugin.derived.live import documents
from smoke.pytest_plugin.derived.paging import paged_lists
from smoke.pytest_plugin.derived.readback import pairs
from smoke.pytest_plugin.derived.refusals import absent_gates, foreign, secured
from smoke.pytest_plugin.derived.views import several_views
from smoke.pytest_plugin.items import entry_of, exercised, name_of, pair_of, turn_of
from smoke.pytest_plugin.partial import OURS
from smoke.session.session import SmokeSession


def entries(smoke: SmokeSession) -> dict[str, Entry]:
    """The entries of the plan that the target gets, by name."""
    return {entry.name: entry for entry in smoke.plan.entries if smoke.is_sent(entry)}


# What a derived check asks for by name -> all there is of it; the keys are ids of items.
DERIVED: dict[str, Callable[[SmokeSession], Mapping[Any, Any]]] = {
    "entry": entries,
    "surface": secured,
    "others": foreign,
    "absent_gate": absent_gates,
    "document": documents,
    "paged_list": paged_lists,
    "lists_of_tenants": tenant_lists,
    "plain_reads": readable,
    "inputs": bodies,
    "pair": pairs,
    "several_views": several_views,
}


class Selection:
    """The hooks of one smoke run that pytest calls while it collects."""

    def __init__(self, config: pytest.Config, smoke: SmokeSession) -> None:
        self.config = config
        self.smoke = smoke

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Mark every check, so that `-m smoke` and the session's one event loop hold for all."""
        item.add_marker(pytest.mark.smoke)
        item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one item of each thing that a derived check is for, as far as the target gets it."""
        for name, things in DERIVED.items():
            if name in metafunc.fixturenames:
                found = things(self.smoke)
                metafunc.parametrize(name, list(found.values()), ids=list(found))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Order the checks, then the plan; skip what a gate or the target leaves out."""
        applying = [item for item in items if not self._skips(item)]
        quick = quick_checks(self.smoke, applying)
        left_out = set[pytest.Item]()
        if self.smoke.is_quick:
            left_out = {item for item in items if not is_derived(item)} - quick
        covered = {name for item in applying if item not in left_out for name in exercised(item)}
        # What a check sees succeed need not be sent once more by the plan.
        if self.config.getoption("--all-operations"):
            covered = set()
        wanted = [i for i in items if i not in left_out and self._is_wanted(i, covered)]
        for item in set(items).difference(wanted):
            item.stash[OURS] = True
        items[:] = wanted
        first, plan = self.smoke.settings.first, self.smoke.plan
        # Modules keep the order of the project: what others need comes first, so that the first
        # red line is the cause. Inside one, the checks of a quick run reach most for their time.
        turns = {item: turn_of(item, first, plan) for item in items}
        items.sort(key=lambda item: (turns[item][0], item not in quick, *turns[item][1:]))

    def _skips(self, item: pytest.Item) -> bool:
        """Mark an item as skipped if the target or a gate leaves it out."""
        reason = self.smoke.omissions.of_check(self._gates(item), exercised(item))
        if reason:
            item.stash[OURS] = True
            item.add_marker(pytest.mark.skip(reason=reason))
        return bool(reason)

    def _is_wanted(self, item: pytest.Item, covered: set[str]) -> bool:
        """Not an entry that a check covers, unless a step, nor an empty parametrisation."""
        pair = pair_of(item)
        entry = pair.entry if pair else entry_of(item)
        if item.name.endswith("[NOTSET]"):
            return False
        if entry is None or (entry.step and not self.smoke.is_quick):
            return True
        return entry.operation not in covered

    def _gates(self, item: pytest.Item) -> Iterator[Gate]:
        table = self.smoke.settings.gates
        for mark in item.iter_markers("gate"):
            gate = table.get(mark.args[0])
            if gate is None:
                raise pytest.UsageError(f"{item.nodeid}: there is no gate {mark.args[0]!r}.")
            yield gate


DERIVED_FOLDER = Path(__file__).parent / "derived"


# Without the file beside the plan, checks are taken for the operations that the plan does not
# send.
def quick_checks(smoke: SmokeSession, items: Sequence[pytest.Item]) -> set[pytest.Item]:
    """Return the hand-written checks, among the items that apply, that a quick run asks."""
    by_name = {name_of(item): item for item in items if not is_derived(item)}
    chosen = {name for name, item in by_name.items() if item.get_closest_marker("quick")}
    file = beside(smoke.settings.plan)
    if file.exists():
        chosen.update(load(file).checks)
    else:
        sees = {name: exercised(item) for name, item in by_name.items()}
        sent = {entry.operation for entry in smoke.plan.entries if smoke.is_sent(entry)}
        seen = sent.union(*(sees[name] for name in chosen))
        chosen.update(cover({one for ones in sees.values() for one in ones} - seen, sees))
    return {by_name[name] for name in chosen if name in by_name}


def is_derived(item: pytest.Item) -> bool:
    """Whether a check is one of the engine's own, derived from the contract."""
    return item.path.parent == DERIVED_FOLDER
