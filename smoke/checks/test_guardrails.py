"""Is each guardrail, and each preset of them, the same in the list and by itself?"""

from typing import Any

import pytest

from smoke import Actor, Expect, exercises

CATALOGUES = [
    pytest.param(
        "GET /api/v1/guardrails",
        "GET /api/v1/guardrails/{guardrail_key}",
        "guardrail_key",
        id="guardrails",
        marks=exercises("GET /api/v1/guardrails"),
    ),
    pytest.param(
        "GET /api/v1/guardrails/presets",
        "GET /api/v1/guardrails/presets/{preset_key}",
        "preset_key",
        id="presets",
        marks=exercises("GET /api/v1/guardrails/presets"),
    ),
]


@pytest.mark.parametrize(("listing", "detail", "name"), CATALOGUES)
async def test_catalogue_agrees_with_itself(
    listing: str, detail: str, name: str, viewer: Actor, expect: Expect
) -> None:
    """What is listed is listed once, and is known by its key; what is not is not found."""
    listed = expect(await viewer.call(listing))
    keys = [row["key"] for row in listed.json]
    listed.that("each key once", len(set(keys)) == len(keys), keys)
    for row in listed.json[:3]:
        one = expect(await viewer.call(detail, **_path(name, row["key"])))
        one.holds("/key", row["key"]).holds("/display_name", row["display_name"])
    expect(await viewer.call(detail, **_path(name, "smoke-no-such-key")), 404, unknown=True)


def _path(name: str, key: str) -> dict[str, Any]:
    return {name: key}
