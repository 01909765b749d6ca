"""A service that answers everything with valid examples is red by the plan alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from smoke.contract import Contract
from tests.liar.service import MODES, liar
from tests.planning import operation, thing
from tests.smoking import smoke_run
from tests.unlike import contract_of
from tests.unlike.projects import KEYS, made, project_of, verdict
from tests.unlike.serve import BASES, serving

ENVIRONMENT = 'environment = "local"'


def fleet() -> dict[str, Any]:
    """A contract that has examples everywhere, and no security: cars are made and changed."""
    car = thing("id", "name") | {"example": {"id": "c1", "name": "Herbie"}}
    body = thing("name") | {"example": {"name": "Herbie"}}
    one = {"parameters": [{"name": "id", "in": "path", "required": True,
                           "schema": {"type": "string"}}]}  # fmt: skip
    post = operation(car, body)
    post["responses"] = {"201": post["responses"]["200"]}
    paths = {
        "/cars": {"get": operation({"type": "array", "items": car}), "post": post},
        "/cars/{id}": {
            **one,
            "get": operation(car),
            "patch": operation(car, body),
            "delete": operation(),
        },
    }
    info = {"title": "fleet", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": paths}


@pytest.mark.parametrize("mode", MODES)
def test_liar_without_security_is_red(mode: str, tmp_path: Path) -> None:
    (tmp_path / "fleet.json").write_text(json.dumps(fleet()), encoding="utf-8")
    with serving(liar(Contract(fleet()), mode)) as url:
        row = f'base_url = "{url}"\n{ENVIRONMENT}'
        root = made(tmp_path / "project", tmp_path / "fleet.json", "[actors.owner]\n", row)
        run = smoke_run(tmp_path / "records", root=root)
    assert run.code == 1, run.out
    assert "(service)" in verdict(run), run.out


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["notes", "library"])
def test_liar_of_another_contract_is_red(name: str, mode: str, tmp_path: Path) -> None:
    with serving(liar(contract_of(name), mode, BASES[name]), BASES[name]) as url:
        row = f'base_url = "{url}"\n{ENVIRONMENT}'
        root = project_of(name, tmp_path / "project", row)
        run = smoke_run(tmp_path / "records", "--maxfail=0", root=root, **KEYS)
    assert run.code == 1, run.out
    failed = [row["check"] for row in run.record("check") if row["outcome"] == "failed"]
    # The pattern of an ISBN is beyond the liar: there a wrong shape is found before anything else.
    assert name == "library" or any(check.startswith("readback.") for check in failed), failed
