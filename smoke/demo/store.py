"""The state of the notes API: users, tokens and notes, in memory."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

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
