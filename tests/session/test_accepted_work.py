"""A read of work that was only accepted (202) is asked again until the work is done."""

import json
from collections import Counter
from itertools import count
from pathlib import Path

import pytest
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from tests.smoking import Finished, smoke_run
from tests.unlike.projects import made, verdict
from tests.unlike.serve import serving


class Job(BaseModel):
    """A job."""

    id: int


def service(status: int, times: int, accepted: int = 202) -> FastAPI:
    """Jobs with a result that answers with another status at first."""
    app, asked, numbers = FastAPI(), Counter[int](), count(1)

    @app.post("/jobs", status_code=accepted)
    def order() -> Job:
        return Job(id=next(numbers))

    @app.get("/jobs/{job_id}/result", responses={status: {}})
    def result(job_id: int) -> Job:
        asked[job_id] += 1
        if asked[job_id] <= times:
            raise HTTPException(status)
        return Job(id=job_id)

    return app


RULES = """
[actors.owner]

[[rule]]
operation = "POST /jobs"
creates = "/id"
send = true
"""


def asked(folder: Path, app: FastAPI, row: str = "") -> Finished:
    """A run against the jobs."""
    (folder / "jobs.json").write_text(json.dumps(app.openapi()), encoding="utf-8")
    with serving(app) as url:
        row = f'base_url = "{url}"\nenvironment = "local"\n{row}'
        root = made(folder / "project", folder / "jobs.json", RULES, row)
        return smoke_run(folder / "records", root=root)


@pytest.mark.parametrize("status", [404, 409, 425])
def test_result_is_asked_for_until_the_work_is_done(status: int, tmp_path: Path) -> None:
    run = asked(tmp_path, service(status, times=3))
    assert run.code == 0, run.out
    sent = [row["status"] for row in run.record("exchange") if row["method"] == "GET"]
    assert sent == [status, status, status, 200]
    (note,) = (one["text"] for one in run.record("note") if "accepted" in one["text"])
    assert note.startswith(f"GET /jobs/{{job_id}}/result: answered {status} for ")


@pytest.mark.parametrize(
    ("status", "accepted"),
    [(409, 202), (409, 201), (500, 202)],
    ids=["never done", "not only accepted", "broken"],
)
def test_work_that_is_not_done_in_time_is_red(status: int, accepted: int, tmp_path: Path) -> None:
    run = asked(tmp_path, service(status, times=99, accepted=accepted), "timeout_s = 1")
    assert run.code == 1, run.out
    reason = f"GET /jobs/{{job_id}}/result as owner: expected 200, got {status}"
    assert reason in verdict(run)
    sent = [row["status"] for row in run.record("exchange") if row["method"] == "GET"]
    assert len(sent) == 1 or (status, accepted) == (409, 202)
