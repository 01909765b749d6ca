"""Surfaces are imported when they are needed, and every route of one lies below its paths."""

import subprocess
import sys

import pytest
from starlette.routing import Match

from smoke.reference.surfaces import LOGS, SURFACES, TEST_FIXTURES, Surface

EVERY = (*SURFACES, LOGS, TEST_FIXTURES)
LOADED = "import sys, smoke.reference.app; print(*sys.modules)"


@pytest.fixture(scope="module")
def imported() -> set[str]:
    """The modules of the service that its start imports."""
    printed = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", LOADED], capture_output=True, check=True, text=True
    ).stdout
    return {name for name in printed.split() if name.startswith("smoke.reference.")}


def test_start_imports_no_surface_but_health(imported: set[str]) -> None:
    assert {name for name in imported if "router" in name} == {"smoke.reference.health.router"}


def test_start_imports_no_tables_of_features(imported: set[str]) -> None:
    assert {name for name in imported if name.endswith(".models")} == set()


@pytest.mark.parametrize("surface", EVERY, ids=lambda surface: surface.module)
def test_every_route_is_reached_through_its_surface(surface: Surface) -> None:
    for route in surface.load().routes:
        path = route.path.replace("{", "").replace("}", "").replace(":path", "")  # type: ignore[attr-defined]
        scope = {"type": "http", "method": "OPTIONS", "path": path, "headers": []}
        assert surface.matches(scope)[0] is Match.PARTIAL, path
        assert surface.matches({**scope, "path": "/elsewhere"})[0] is Match.NONE
