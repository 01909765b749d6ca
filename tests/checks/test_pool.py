"""The pool: where a run uses again what earlier runs left."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from smoke.checks.pool import uses_again
from smoke.config.targets import Target

if TYPE_CHECKING:
    from smoke import Caller


@pytest.mark.parametrize(
    ("wanted", "row", "again"),
    [
        ("shared", {"environment": "staging"}, True),
        ("shared", {}, True),
        ("shared", {"environment": "local"}, False),
        ("shared", {"environment": "test"}, False),
        ("shared", {"serve": "smoke.reference"}, False),
        ("always", {"environment": "local"}, True),
        ("never", {"environment": "staging"}, False),
        (True, {"environment": "local"}, True),
        (False, {}, False),
    ],
)
def test_what_cannot_be_deleted_is_used_again_on_shared_targets(
    wanted: Any, row: dict[str, str], again: bool
) -> None:
    target = Target("t", **cast("Any", row))
    caller = cast("Caller", SimpleNamespace(client=SimpleNamespace(target=target)))
    assert uses_again({"use_again": wanted}, caller) is again
