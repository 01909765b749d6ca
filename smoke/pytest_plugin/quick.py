"""
The hand-written checks of a quick run: marked ones, and those that the file beside the plan names.

Without that file, checks are taken for the operations that the plan does not send.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from smoke.plan.depth import beside, cover, load
from smoke.pytest_plugin.items import exercised, name_of
from smoke.session.session import SmokeSession

DERIVED = Path(__file__).parent / "derived"


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
    return item.path.parent == DERIVED
