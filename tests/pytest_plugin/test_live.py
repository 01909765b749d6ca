"""The live contract in a run: noted or red where it differs, silent where it is not shown."""

from copy import deepcopy
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from tests.smoking import Finished, project, reference, smoke_run
from tests.unlike import FOLDER, contract_of, notes
from tests.unlike.projects import KEYS, made
from tests.unlike.serve import serving

RULES = (FOLDER / "notes.toml").read_text(encoding="utf-8") + '\n[live]\ndocument = "/contract"\n'
CHECK = "live.document_is_the_contract"


def changed() -> dict[str, Any]:
    """The contract of the notes without a field, without an operation and with another one."""
    document = deepcopy(contract_of("notes").document)
    del document["paths"]["/notes/import"]
    document["paths"]["/tags"] = {"get": {"responses": {"200": {"description": "all"}}}}
    del document["components"]["schemas"]["Note"]["properties"]["archived"]
    return document


def run_of(tmp_path: Path, live: Response | None, drift: str = "", *arguments: str) -> Finished:
    """A run against the notes, which show that contract of themselves."""
    app = notes.make()
    if live is not None:
        app.add_api_route("/contract", lambda: live)
    with serving(app) as url:
        row = f'base_url = "{url}"\n' + (f'drift = "{drift}"' if drift else "")
        root = made(tmp_path / "project", FOLDER / "notes.json", RULES, row)
        return smoke_run(tmp_path, *arguments, root=root, **KEYS)


def outcomes(run: Finished) -> list[str]:
    """How the check of the live contract ended."""
    return [row["outcome"] for row in run.record("check") if row["check"] == CHECK]


def noted(run: Finished) -> list[str]:
    return [row["text"] for row in run.record("note")]


def test_drift_is_noted_and_the_run_is_green(tmp_path: Path) -> None:
    run = run_of(tmp_path, JSONResponse(changed()))
    assert run.code == 0, run.out
    assert outcomes(run) == ["passed"]
    gone = [note for note in noted(run) if note.endswith("/archived is gone")]
    assert gone[0].startswith("drift: breaking: ")
    assert "drift: breaking: POST /notes/import: removed" in noted(run)
    assert noted(run)[-1] == "drift: GET /tags: added"
    assert "note      drift: GET /tags: added" in run.out


def test_breaking_drift_is_red_if_the_target_sets_it(tmp_path: Path) -> None:
    run = run_of(tmp_path, JSONResponse(changed()), "red", "-k", "live or ping", "--maxfail=0")
    assert run.code == 1, run.out
    (row,) = (row for row in run.record("check") if row["check"] == CHECK)
    assert (row["outcome"], row["cause"]) == ("failed", "contract")
    assert "POST /notes/import: removed" in row["got"]
    assert noted(run) == ["drift: GET /tags: added"]


def test_drift_that_breaks_nothing_is_never_red(tmp_path: Path) -> None:
    document = deepcopy(contract_of("notes").document)
    document["paths"]["/tags"] = {"get": {"responses": {"200": {"description": "all"}}}}
    run = run_of(tmp_path, JSONResponse(document), "red", "-k", "live or ping")
    assert (run.code, noted(run)) == (0, ["drift: GET /tags: added"]), run.out


def test_unserved_contract_gives_no_note(tmp_path: Path) -> None:
    run = run_of(tmp_path, None, "red", "-k", "live or ping")
    assert (run.code, noted(run), outcomes(run)) == (0, [], ["passed"]), run.out
    assert "404: not served" in [row["got"] for row in run.record("expectation")]


def test_unreadable_contract_is_reported(tmp_path: Path) -> None:
    live, reported = PlainTextResponse("<html>"), "it cannot be read: "
    warned = run_of(tmp_path / "warn", live, "warn", "-k", "live or ping")
    assert warned.code == 0, warned.out
    assert noted(warned)[0].startswith(f"drift: breaking: {reported}")
    red = run_of(tmp_path / "red", live, "red", "-k", "live or ping")
    assert red.code == 1, red.out
    assert reported in red.out


@pytest.mark.parametrize("drift", ["warn", "red"])
def test_contract_that_crashes_the_service_is_red_in_any_case(drift: str, tmp_path: Path) -> None:
    red = run_of(tmp_path, PlainTextResponse("", 500), drift, "-k", "live or ping")
    assert red.code == 1, red.out
    assert "it answers 500" in red.out


def test_contract_is_not_requested_if_drift_is_off(tmp_path: Path) -> None:
    run = run_of(tmp_path, JSONResponse(changed()), "off")
    assert (run.code, outcomes(run), noted(run)) == (0, [], []), run.out
    assert "GET contract" not in run.sent()


def test_embedded_service_shows_the_committed_contract(tmp_path: Path) -> None:
    with reference(DEBUG="true") as url:
        root = project(tmp_path, f'base_url = "{url}"\ndrift = "red"\ntimeout_s = 30')
        run = smoke_run(tmp_path, "-k", "document_is_the_contract or service_is_alive", root=root)
    assert (run.code, noted(run), outcomes(run)) == (0, [], ["passed"]), run.out
    assert "0 changes" in [row["got"] for row in run.record("expectation")]


def test_document_that_takes_longer_than_other_answers_is_read(tmp_path: Path) -> None:
    app = notes.make()

    def slowly() -> JSONResponse:
        Event().wait(1.5)  # as long as a busy service takes to build it
        return JSONResponse(changed())

    app.add_api_route("/contract", slowly)
    with serving(app) as url:
        row = f'base_url = "{url}"\ntimeout_s = 1\ndrift = "red"'
        root = made(tmp_path / "project", FOLDER / "notes.json", RULES, row)
        run = smoke_run(tmp_path, "-k", "live or ping", "--maxfail=0", root=root, **KEYS)
    assert outcomes(run) == ["failed"]  # for what it says, not for the time that it took
    assert "/archived is gone" in " ".join(run.out.split())
