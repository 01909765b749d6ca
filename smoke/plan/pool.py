"""
The pool: the known values and earlier answers of a run, which fill the entries of the plan.

It only computes and sends nothing. An entry is `Blocked` by the entry that failed to provide its
ids. An entry that would destroy something that the run did not create is blocked, too.
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from smoke.contract.operation_id import OperationId, id_text, misleads
from smoke.contract.pointers import escape
from smoke.plan.model import Entry
from smoke.plan.values import NOTHING, Answer, is_entry, mark_of, primary, totp, unique_text
from smoke.plan.wire import Blocked, Body, FilledRequest, text_of, wire_body

SECRET = re.compile(r"pass(word|phrase)|secret|token|authorization|cookie|api.?key", re.IGNORECASE)
MIN_SECRET = 6
# The placeholders of pointers, and the field of the run that replaces each.
RUN_NAMES = {"{run}": "id", "{tenant}": "tenant"}


class _MissingError(Exception):
    def __init__(self, by: str, reason: str) -> None:
        super().__init__(reason)
        self.by = by
        self.reason = reason


@dataclass(slots=True)
class _Filling:
    """The state of filling one entry."""

    entry: "Entry"
    secrets: list[str] = field(default_factory=list)
    replaced: set[str] = field(default_factory=set)


class Pool:
    """
    Values by name and answers by entry.

    `known` has the flat names of the plan: `world.NAME`, `actor.NAME.email`, `run.tenant`.
    `protected` are values that a destructive request must not name, such as the ids of the actors.
    """

    def __init__(
        self,
        run: str,
        known: Mapping[str, Any] | None = None,
        protected: Iterable[str | None] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._run = run
        self._known: dict[str, Any] = {"run.id": run, **(known or {})}
        self._protected = {str(value) for value in protected if value not in (None, "")}
        self._clock = clock
        self._answers: dict[str, Answer] = {}
        self._etags: dict[str, str] = {}
        self._doubted: set[str] = set()

    def know(self, name: str, value: Any) -> None:
        """Add a known value, such as `actor.disposable.access` once it has signed in."""
        self._known[name] = value

    def feed(
        self,
        name: str,
        json: Any,
        headers: Mapping[str, str] | None = None,
        request: FilledRequest | None = None,
    ) -> None:
        """
        Keep the answer of a successful entry; entries without an answer count as not successful.
        """
        folded = {key.lower(): value for key, value in (headers or {}).items()}
        self._answers[name] = Answer(json, folded, request)
        if request is not None:
            self._see_etag(request, folded)

    def _see_etag(self, request: FilledRequest, headers: Mapping[str, str]) -> None:
        if "etag" in headers:
            self._etags[request.target] = headers["etag"]
        # A change without a new ETag makes the old one stale.
        elif not request.operation.startswith("GET "):
            self._etags.pop(request.target, None)

    def answer_of(self, name: str) -> Any:
        """The JSON answer of a successful entry; None for any other."""
        answer = self._answers.get(name)
        return None if answer is None else answer.json

    def doubt(self, name: str) -> None:
        """Note that the resource in an entry's answer may have existed before the run."""
        self._doubted.add(name)

    def doubted(self, entry: "Entry") -> str:
        """The doubted creator of the resource that an entry names; empty if there is none."""
        values = {f"path/{name}": value for name, value in entry.path.items()}
        chosen = [v for place, v in values.items() if entry.sources.get(place) != "rule"]
        used = [r for r in primary([chosen, entry.query, entry.body]) if r.get("owned")]
        return next((str(r["$from"]) for r in used if str(r["$from"]) in self._doubted), "")

    def wants(self, entry: "Entry") -> set[str]:
        """The known names that an entry uses and that the pool does not have yet."""
        whole = [entry.path, entry.query, entry.headers, entry.body]
        names = {str(r["$from"]) for r in primary(whole) if not is_entry(r)}
        return {name for name in names if name not in self._known and not name.startswith("run.")}

    def fill(self, entry: "Entry") -> FilledRequest | Blocked:
        """The entry's request, or the reason why it cannot be sent."""
        filling = _Filling(entry)
        try:
            path = {name: self._path(filling, name, v) for name, v in entry.path.items()}
            # Safety first: a missing value must not hide this reason.
            self._guard(filling, path)
            request = FilledRequest(
                entry=entry.name,
                operation=entry.operation,
                actor=entry.actor,
                path=path,
                query=self._members(filling, entry.query),
                headers=self._headers(filling, path),
                body=self._body(filling),
                stream=entry.stream,
                secrets=tuple(dict.fromkeys(filling.secrets)),
                owned=self._is_owned(filling),
            )
            # Last: only the filling shows which prerequisites a substitute replaces.
            self._needs(filling)
        except _MissingError as missing:
            return Blocked(missing.by, missing.reason)
        return request

    def _needs(self, filling: _Filling) -> None:
        for name in filling.entry.needs:
            if name not in self._answers and name not in filling.replaced:
                raise _MissingError(name, f"blocked by {name}")

    def _path(self, filling: _Filling, name: str, value: Any) -> str:
        found = self._value(filling, value, name)
        # An answer that gives a list as its id must not lead to the thing that an item names.
        answered = mark_of(value) == "$from" and isinstance(found, list)
        text = id_text(found) if answered else text_of(found)
        if found is None or misleads(text):
            reason = f"blocked: {name!r} is {text!r}, which would change the path"
            raise _MissingError(self._origin(value), reason)
        return text

    def _origin(self, value: Any) -> str:
        return next((str(r["$from"]) for r in primary(value)), "the plan")

    def _members(self, filling: _Filling, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._value(filling, value, name) for name, value in values.items()}

    def _headers(self, filling: _Filling, path: Mapping[str, str]) -> dict[str, str]:
        entry, found = filling.entry, {}
        target = OperationId(entry.operation).shown(path)
        for name, value in entry.headers.items():
            latest = self._etags.get(target) if name.lower() == "if-match" else None
            if latest is not None and mark_of(value) == "$from":
                found[name] = latest
            else:
                found[name] = text_of(self._value(filling, value, name))
        return found

    def _body(self, filling: _Filling) -> Body:
        entry = filling.entry
        if entry.media_type is None:
            return Body()
        return wire_body(entry.media_type, self._value(filling, entry.body, ""))

    def _value(self, filling: _Filling, value: Any, name: str) -> Any:
        found = self._resolved(filling, value, name)
        written = isinstance(value, str)  # an example of the contract is public: the plan has it
        if isinstance(found, str) and not written and SECRET.search(name):
            secret = found.removeprefix("Bearer ").strip()
            if len(secret) >= MIN_SECRET:
                filling.secrets.append(secret)
        return found

    def _resolved(self, filling: _Filling, value: Any, name: str) -> Any:
        mark = mark_of(value)
        if mark == "$from":
            return self._reference(filling, value)
        if mark == "$unique":
            return unique_text(value, self._run)
        if mark == "$text":
            return "".join(text_of(self._value(filling, part, name)) for part in value["$text"])
        if mark == "$totp":
            return self._code(filling, value)
        if mark == "$file":
            return value
        if mark == "$part":
            return {**value, "$part": self._value(filling, value["$part"], name)}
        if isinstance(value, dict):
            return {key: self._value(filling, member, key) for key, member in value.items()}
        if isinstance(value, list):
            return [self._value(filling, item, name) for item in value]
        return value

    def _code(self, filling: _Filling, value: Mapping[str, Any]) -> str:
        secret = self._value(filling, value["$totp"], "secret")
        try:
            return totp(str(secret), self._clock())
        except ValueError:
            reason = "blocked: the secret of its one-time code is not base32"
            raise _MissingError(self._origin(value), reason) from None

    def _reference(self, filling: _Filling, reference: Mapping[str, Any]) -> Any:
        """The value of a reference, else of its first substitute that has one."""
        for option in (reference, *reference.get("or", ())):
            found = self._one(filling, option)
            if found is not NOTHING:
                if option is not reference:
                    filling.replaced.add(str(reference["$from"]))
                return found
        source = str(reference["$from"])
        if not is_entry(reference) or source in self._answers:
            where = reference.get("pointer") or reference.get("header") or ""
            reason = f"blocked: {source} has no {where}".rstrip()
            raise _MissingError(source, reason)
        raise _MissingError(source, f"blocked by {source}")

    def _one(self, filling: _Filling, reference: Mapping[str, Any]) -> Any:
        source = str(reference["$from"])
        if not is_entry(reference):
            value = self._own_time(source) or self._known.get(source)
            return NOTHING if value is None else value
        answer = self._answers.get(source)
        if answer is None:
            return NOTHING
        pointer = self._pointer(str(reference.get("pointer", "")))
        return answer.value(reference, pointer, self._members(filling, reference.get("where", {})))

    def _pointer(self, pointer: str) -> str:
        """A pointer with its placeholders replaced by the run's id and tenant."""
        for name in RUN_NAMES:
            value = text_of(self._known.get(f"run.{RUN_NAMES[name]}", ""))
            pointer = pointer.replace(name, escape(value))
        return pointer

    def _own_time(self, name: str) -> str | None:
        if name not in {"run.now", "run.today"}:
            return None
        now = time.gmtime(self._clock())
        return time.strftime("%Y-%m-%d" if name == "run.today" else "%Y-%m-%dT%H:%M:%SZ", now)

    def _guard(self, filling: _Filling, path: Mapping[str, str]) -> None:
        """Block an entry that would destroy something that this run did not create."""
        # The plan was checked when it was built, but a substitute may be used only now.
        entry = filling.entry
        if not entry.destructive or entry.ends_session:
            return
        for name, value in path.items():
            if value in self._protected and _is_last(entry, name):
                reason = f"blocked: {name} {value!r} is protected, and this operation destroys"
                raise _MissingError(self._origin(entry.path[name]), reason)
        if not self._is_owned(filling):
            raise _MissingError(
                "the plan", "blocked: the resource to destroy was not made by this run"
            )

    def _is_owned(self, filling: _Filling) -> bool:
        """Whether the run created the resource that the request names, by the used references."""
        entry = filling.entry
        victims = [value for name, value in entry.path.items() if _is_last(entry, name)]
        if victims and mark_of(victims[0]) == "$unique" and not entry.destructive:
            return True  # the run invented the name, so no other resource has it
        references = list(primary(victims or entry.body))
        return bool(references) and all(self._used(filling, r).get("owned") for r in references)

    def _used(self, filling: _Filling, reference: Mapping[str, Any]) -> Mapping[str, Any]:
        options = (reference, *reference.get("or", ()))
        return next((o for o in options if self._one(filling, o) is not NOTHING), reference)


def _is_last(entry: "Entry", name: str) -> bool:
    return OperationId(entry.operation).last_parameter == name
