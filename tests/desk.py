"""A desk that takes notes: a small service with a sign-in and seeding; it counts both."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

from fastapi import Body, Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from smoke.cli.main import main

FAULTS = {
    "list_breaks": "GET /notes answers 500",
    "title_is_lost": "GET /notes/{note_id} leaves a required field out",
    "list_stalls": "GET /notes never answers",
    "door_is_shut": "POST /seed answers 404",
    "throws_away_late": "the first DELETE answers 500",
    "never_throws_away": "DELETE never answers",
    "spares_notes_of_others": "DELETE as the reader answers 204, and the note is still there",
}

RULES = """\
[ready]
operation = "GET /ready"

[login]
operation = "POST /login"
body = { email = "{email}", password = "{password}" }
access = "/access_token"

[seed]
operation = "POST /seed"
absent = [404]
setting = "SEEDING"
tenant = "smoke"
body = { emails = ["{email:owner}", "{email:reader}"], password = "{password}" }

[actors.owner]
email = "smoke-owner@example.com"

[actors.reader]
email = "smoke-reader@example.com"

[samples]
title = { unique = "smoke-" }

[[rule]]
operation = "GET /notes"
actor = "reader"

[[rule]]
operation = ["POST /login", "POST /seed"]
except = { reason = "the run does so itself, once" }
"""

TABLE = """\
[tool.pytest]
asyncio_default_fixture_loop_scope = "session"
addopts = ["-p", "no:schemathesis", "-p", "no:cacheprovider"]

[tool.smoke]
contract = "openapi/desk.json"
checks = "desk_checks"
target = "a"

[tool.smoke.options]
dies = false

"""

CHECK = '''\
"""Notes are kept."""

import os
import signal

import pytest

if os.environ.get("DIES_AT_ONCE") == os.environ.get("PYTEST_XDIST_WORKER", ""):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.exercises("POST /notes", "DELETE /notes/{note_id}")
async def test_note_is_thrown_away(owner, expect, options, run):
    """A note that was thrown away is not there any more."""
    made = expect(await owner.call("POST /notes", json={"title": f"smoke-{run.id}"}), 201)
    if options["dies"]:
        os.kill(os.getpid(), signal.SIGKILL)
    note = made.exchange.json["id"]
    run.undoes("DELETE /notes/{note_id}", "owner", {"note_id": note})
    expect(await owner.call("DELETE /notes/{note_id}", note_id=note), 204)
'''


class Note(BaseModel):
    """A note in an answer."""

    id: str
    title: str


class Token(BaseModel):
    """The answer to a sign-in."""

    access_token: str


Shown = Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]


class Desk:
    """The state of one desk, and what it does with it."""

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.seedings = 0
        self.listings = 0
        self.sign_ins: list[str] = []
        self.passwords: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self.notes: dict[str, dict[str, Any]] = {}

    def signed(self, shown: Shown) -> None:
        """Refuse whoever has not signed in."""
        if shown.credentials not in self.tokens:
            raise HTTPException(401)

    async def ready(self) -> dict[str, str]:
        """Up."""
        return {"status": "up"}

    async def seed(
        self, emails: Annotated[list[str], Body()], password: Annotated[str, Body()]
    ) -> dict[str, int]:
        """Make the accounts."""
        if self.fault == "door_is_shut":
            raise HTTPException(404)
        self.seedings += 1
        self.passwords |= dict.fromkeys(emails, password)
        return {"accounts": len(emails)}

    async def login(self, email: Annotated[str, Body()], password: Annotated[str, Body()]) -> Token:
        """Hand out a token."""
        if self.passwords.get(email) != password:
            raise HTTPException(401)
        self.sign_ins.append(email)
        token = f"token-{uuid4()}"
        self.tokens[token] = email
        return Token(access_token=token)

    async def listed(self) -> list[Note]:
        """Every note."""
        self.listings += 1
        if self.fault == "list_breaks":
            raise HTTPException(500)
        if self.fault == "list_stalls":
            await asyncio.Event().wait()
        return [Note(**note) for note in self.notes.values()]

    async def written(self, title: Annotated[str, Body(embed=True)]) -> Note:
        """A new note."""
        note = {"id": str(uuid4()), "title": title}
        self.notes[note["id"]] = note
        return Note(**note)

    async def read(self, note_id: str) -> Any:
        """One note."""
        if note_id not in self.notes:
            raise HTTPException(404)
        note = self.notes[note_id]
        return {"id": note_id} if self.fault == "title_is_lost" else note

    async def thrown_away(self, note_id: str, shown: Shown) -> None:
        """One note less."""
        if self.fault == "spares_notes_of_others" and "reader" in self.tokens[shown.credentials]:
            return
        if self.fault == "never_throws_away":
            await asyncio.Event().wait()
        if self.fault == "throws_away_late":
            self.fault = ""
            raise HTTPException(500)
        if self.notes.pop(note_id, None) is None:
            raise HTTPException(404)

    def app(self) -> FastAPI:
        """The desk as a service."""
        app = FastAPI(title="Desk", version="1")
        signed = [Depends(self.signed)]
        refusals: dict[int | str, dict[str, Any]] = {401: {}, 404: {}}
        app.get("/ready")(self.ready)
        app.post("/seed", responses={404: {}})(self.seed)
        app.post("/login", responses={401: {}})(self.login)
        app.get("/notes", dependencies=signed, responses=refusals)(self.listed)
        app.post("/notes", status_code=201, dependencies=signed, responses=refusals)(self.written)
        one = "/notes/{note_id}"
        answers = {**refusals, 200: {"model": Note}}
        app.get(one, dependencies=signed, responses=answers, response_model=None)(self.read)
        gone = app.delete(one, status_code=204, dependencies=signed, responses=refusals)
        gone(self.thrown_away)
        return app


def project(folder: Path) -> Path:
    """A project around the desk, with its plan and one check; it has no targets yet."""
    (folder / "openapi").mkdir(parents=True)
    contract = json.dumps(Desk().app().openapi())
    (folder / "openapi/desk.json").write_text(contract, encoding="utf-8")
    (folder / "openapi/rules.toml").write_text(RULES, encoding="utf-8")
    (folder / "desk_checks").mkdir()
    (folder / "desk_checks/__init__.py").touch()
    (folder / "desk_checks/test_notes.py").write_text(CHECK, encoding="utf-8")
    has(folder, {"a": 'base_url = "http://127.0.0.1:9"'})
    assert main(["plan", "--root", str(folder)]) == 0
    return folder


def has(root: Path, rows: dict[str, str]) -> None:
    """Give a project its targets: rows by name."""
    text = "".join(f"[tool.smoke.targets.{name}]\n{row}\n\n" for name, row in rows.items())
    (root / "pyproject.toml").write_text(TABLE + text, encoding="utf-8")
