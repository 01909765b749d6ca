"""The notes API over HTTP, with the standard library only."""

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

# How long an access token is valid.
LIFETIME = timedelta(minutes=30)

# The two users; each sees only their own notes.
EMAILS = ("ada@example.com", "bob@example.com")


@dataclass
class Note:
    """One note of a user."""

    id: str
    owner: str
    title: str
    text: str
    created_at: datetime

    def shown(self) -> dict[str, Any]:
        """The note as JSON for a response."""
        created = self.created_at.isoformat().replace("+00:00", "Z")
        return {"id": self.id, "title": self.title, "text": self.text, "created_at": created}


# Kept in memory: each start of the demo begins with the same notes.
@dataclass
class Store:
    """All users, tokens and notes; with `bug`, changes of a note are lost."""

    password: str
    bug: bool = False
    tokens: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    notes: dict[str, Note] = field(default_factory=dict)

    def sign_in(self, email: str, password: str) -> dict[str, Any] | None:
        """A new access token, or None if the e-mail or the password is wrong."""
        known = email in EMAILS and secrets.compare_digest(password, self.password)
        if not known:
            return None
        token, expires = secrets.token_urlsafe(24), datetime.now(UTC) + LIFETIME
        self.tokens[token] = (email, expires)
        return {
            "access_token": token,
            "token_type": "bearer",
            "expires_at": expires.isoformat().replace("+00:00", "Z"),
        }

    def user_of(self, token: str) -> str:
        """The e-mail of a token's user; empty if the token is unknown or has expired."""
        email, expires = self.tokens.get(token, ("", datetime.min.replace(tzinfo=UTC)))
        return email if expires > datetime.now(UTC) else ""

    def of(self, owner: str, text: str = "") -> list[Note]:
        """A user's notes that have `text` in their title, newest first."""
        mine = [note for note in self.notes.values() if note.owner == owner and text in note.title]
        return mine[::-1]

    def find(self, owner: str, note_id: str) -> Note | None:
        """The note with that id, or None if the user has no such note."""
        note = self.notes.get(note_id)
        return note if note and note.owner == owner else None

    def add(self, owner: str, title: str, text: str) -> Note:
        """Store a new note and return it."""
        note = Note(secrets.token_hex(8), owner, title, text, datetime.now(UTC))
        self.notes[note.id] = note
        return note

    def change(self, note: Note, changes: dict[str, str]) -> dict[str, Any]:
        """Change a note and return it; with the bug, the change is returned but not stored."""
        answer = note.shown() | changes
        if not self.bug:
            note.title, note.text = answer["title"], answer["text"]
        return answer


CONTRACT = Path(__file__).with_name("openapi.json")
# Default number of notes on one page of the list.
PAGE = 20

Result = tuple[int, Any]
Values = dict[str, str]


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection, in their order."""

    protocol_version = "HTTP/1.1"
    # Nagle's algorithm and delayed acknowledgements would add about 40 ms to each response.
    disable_nagle_algorithm = True
    server: "Server"

    def do_GET(self) -> None:
        """Answer a request of any method."""
        length = int(self.headers.get("Content-Length") or 0)
        status, answer = self._answer(self.rfile.read(length))
        body = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        if body:
            self.send_header("Content-Type", "application/json")
        if status == 401:
            self.send_header("WWW-Authenticate", "Bearer")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815

    def _answer(self, body: bytes) -> Result:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        for method, pattern, secured, act in ROUTES:
            found = re.fullmatch(pattern, parts.path)
            if found is None or method != self.command:
                continue
            user = self.server.store.user_of(self._token())
            if secured and not user:
                return _problem(401, "a valid access token is required")
            return act(self.server.store, user, {**query, **_unquoted(found)}, _json(body))
        return _problem(404, "no such path")

    def _token(self) -> str:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" else ""

    def log_message(self, *_: Any) -> None:
        """Write no log: the terminal shows only the URL and the users."""


def _unquoted(found: re.Match[str]) -> Values:
    return {name: unquote(value) for name, value in found.groupdict().items()}


def _json(body: bytes) -> Any:
    try:
        return json.loads(body or b"null")
    except ValueError:
        return None


def _problem(status: int, text: str) -> Result:
    return status, {"error": text}


def _health(_store: Store, _user: str, _values: Values, _body: Any) -> Result:
    return 200, {"status": "ok"}


def _contract(_store: Store, _user: str, _values: Values, _body: Any) -> Result:
    return 200, json.loads(CONTRACT.read_text(encoding="utf-8"))


def _login(store: Store, _user: str, _values: Values, body: Any) -> Result:
    if not _texts(body, "email", "password"):
        return _problem(422, "email and password are required, both strings")
    session = store.sign_in(body["email"], body["password"])
    return (200, session) if session else _problem(401, "wrong e-mail or password")


def _me(_store: Store, user: str, _values: Values, _body: Any) -> Result:
    return 200, {"email": user}


def _list(store: Store, user: str, values: Values, _body: Any) -> Result:
    return _page(store, user, values)


def _search(store: Store, user: str, values: Values, _body: Any) -> Result:
    if not values.get("q"):
        return _problem(422, "q is required")
    return _page(store, user, values)


def _page(store: Store, user: str, values: Values) -> Result:
    limit, start = values.get("limit", str(PAGE)), values.get("cursor", "0")
    if not (limit.isdigit() and 1 <= int(limit) <= 100 and start.isdigit()):
        return _problem(422, "limit must be 1 to 100, cursor must come from a page")
    notes, end = store.of(user, values.get("q", "")), int(start) + int(limit)
    shown = [note.shown() for note in notes[int(start) : end]]
    return 200, {"items": shown, "next_cursor": str(end) if end < len(notes) else None}


def _create(store: Store, user: str, _values: Values, body: Any) -> Result:
    if not _texts(body, "title") or not isinstance(body.get("text", ""), str):
        return _problem(422, "title is required, a string")
    return 201, store.add(user, body["title"], body.get("text", "")).shown()


def _read(store: Store, user: str, values: Values, _body: Any) -> Result:
    note = store.find(user, values["note_id"])
    return (200, note.shown()) if note else _problem(404, "no such note")


def _change(store: Store, user: str, values: Values, body: Any) -> Result:
    note = store.find(user, values["note_id"])
    if note is None:
        return _problem(404, "no such note")
    changes = {name: body[name] for name in ("title", "text") if name in (body or {})}
    if not changes or not _texts(changes, *changes):
        return _problem(422, "title or text is required, a string")
    return 200, store.change(note, changes)


def _delete(store: Store, user: str, values: Values, _body: Any) -> Result:
    note = store.find(user, values["note_id"])
    if note is None:
        return _problem(404, "no such note")
    del store.notes[note.id]
    return 204, None


def _texts(body: Any, *names: str) -> bool:
    """Whether a body has these members, each a string that is not empty."""
    return isinstance(body, dict) and all(
        isinstance(body.get(name), str) and body[name] for name in names
    )


Route = tuple[str, str, bool, Callable[[Store, str, Values, Any], Result]]
NOTE = r"/notes/(?P<note_id>[^/]+)"
# Method, path, whether it needs a token, and its function. /notes/search must come before NOTE.
ROUTES: list[Route] = [
    ("GET", "/health", False, _health),
    ("GET", "/openapi.json", False, _contract),
    ("POST", "/login", False, _login),
    ("GET", "/me", True, _me),
    ("GET", "/notes", True, _list),
    ("POST", "/notes", True, _create),
    ("GET", "/notes/search", True, _search),
    ("GET", NOTE, True, _read),
    ("PATCH", NOTE, True, _change),
    ("DELETE", NOTE, True, _delete),
]


class Server(ThreadingHTTPServer):
    """The notes API on a port of the loopback interface; port 0 chooses a free port."""

    daemon_threads = True

    def __init__(self, port: int, store: Store) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.store = store

    @property
    def url(self) -> str:
        """The base URL of the API."""
        return f"http://127.0.0.1:{self.server_port}"
