"""A file is read back as the bytes that were sent; an answer in another form proves nothing."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException, Response, UploadFile
from pydantic import BaseModel

from tests.smoking import smoke_run
from tests.unlike.projects import made, verdict
from tests.unlike.serve import serving


class Kept(BaseModel):
    """A file that the service has."""

    id: int


def service(fault: str) -> FastAPI:
    """Files that are uploaded, downloaded and deleted."""
    app, files, numbers = FastAPI(), dict[int, bytes](), count(1)

    @app.post("/files", status_code=201)
    async def upload(file: UploadFile) -> Kept:
        number = next(numbers)
        files[number] = await file.read()
        return Kept(id=number)

    @app.get("/files/{file_id}", response_class=Response, responses={200: {"content": {"*/*": {}}}})
    def download(file_id: int) -> Response:
        if file_id not in files:
            raise HTTPException(404)
        content = {"other_bytes": b"\0\1", "empty": b"", "picture": b"\x89PNG"}.get(fault)
        media_type = "image/png" if fault == "picture" else "application/octet-stream"
        return Response(files[file_id] if content is None else content, media_type=media_type)

    @app.delete("/files/{file_id}", status_code=204)
    def delete(file_id: int) -> None:
        if fault != "stays":
            files.pop(file_id, None)

    return app


def asked(tmp_path: Path, fault: str) -> Any:
    """A run against the service."""
    app = service(fault)
    (tmp_path / "files.json").write_text(json.dumps(app.openapi()), encoding="utf-8")
    with serving(app) as url:
        row = f'base_url = "{url}"\nenvironment = "local"'
        root = made(tmp_path / "project", tmp_path / "files.json", "[actors.owner]\n", row)
        return smoke_run(tmp_path / "records", root=root)


def test_file_that_comes_back_as_it_was_sent_is_green(tmp_path: Path) -> None:
    run = asked(tmp_path, "")
    assert run.code == 0, run.out
    assert "change_is_read_back[POST /files written]" in run.out


def test_answer_in_another_form_is_left_out(tmp_path: Path) -> None:
    run = asked(tmp_path, "picture")
    assert run.code == 0, run.out
    assert "is not JSON" in " ".join(run.out.split())


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("other_bytes", "other bytes than those of the file that was sent"),
        ("empty", "200, without it"),
        ("stays", "200, and it is as before"),
    ],
)
def test_lost_file_is_red(fault: str, reason: str, tmp_path: Path) -> None:
    run = asked(tmp_path, fault)
    assert run.code == 1, run.out
    assert reason in verdict(run)
