"""Guardrails and presets: the same in the list and by themselves."""

from typing import Any

import pytest

from smoke import Actor, Expect, LeftOutError, exercises

CATALOGUES = [
    pytest.param(
        "GET /api/v1/guardrails",
        "GET /api/v1/guardrails/{guardrail_key}",
        "guardrail_key",
        id="guardrails",
        marks=exercises("GET /api/v1/guardrails", "GET /api/v1/guardrails/{guardrail_key}"),
    ),
    pytest.param(
        "GET /api/v1/guardrails/presets",
        "GET /api/v1/guardrails/presets/{preset_key}",
        "preset_key",
        id="presets",
        marks=exercises(
            "GET /api/v1/guardrails/presets", "GET /api/v1/guardrails/presets/{preset_key}"
        ),
    ),
]
# Fields that a list and a detail may share.
SAME = ("key", "display_name", "description", "guardrail_count", "stage", "engine")


@pytest.mark.parametrize(("listing", "detail", "parameter"), CATALOGUES)
async def test_catalogue_agrees_with_itself(
    listing: str, detail: str, parameter: str, viewer: Actor, expect: Expect
) -> None:
    """Each key is listed once, its detail agrees with its row, and an unknown key is not found."""
    listed = expect(await viewer.call(listing))
    keys = [row["key"] for row in listed.json]
    listed.that("each key once", len(set(keys)) == len(keys), keys)
    for row in listed.json[:2]:
        one = expect(await viewer.call(detail, **_path(parameter, row["key"])))
        for name in (name for name in SAME if name in row and name in one.json):
            one.holds(f"/{name}", row[name])
        inner = one.json.get("guardrails", [])
        one.that(
            "as many as are counted", len(inner) == one.json.get("guardrail_count", len(inner))
        )
    unknown = await viewer.call(detail, **_path(parameter, "smoke-no-such-key"))
    expect(unknown, 404, unknown=True)
    if not keys:
        raise LeftOutError(f"{listing} lists nothing here")


def _path(parameter: str, key: str) -> dict[str, Any]:
    return {parameter: key}
