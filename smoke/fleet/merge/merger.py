"""Comparing the records with the expected targets: one answer per target, and one for all."""

import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from smoke.errors import Cause, ConfigError, DataError, Exit
from smoke.fleet.expectation import Expected, Fleet
from smoke.fleet.merge.digest import Digest, Surfaces, digest
from smoke.results.outcome import WORST_FIRST
from smoke.results.run_dir import GREEN
from smoke.results.verdict import Word

RECORDS, ARCHIVES = (".jsonl", ".jsonl.gz"), (".tar", ".tar.gz", ".tgz")
# The largest record that is read, as it is stored.
MOST_BYTES = 64_000_000


@dataclass(frozen=True)
class Piece:
    """A record as it is stored; `problem` is the reason why it could not be read."""

    place: str
    content: bytes = b""
    problem: str = ""


# Records may lie anywhere, in any packing: each is read alone, so that memory does not grow.
def pieces(words: Iterable[str]) -> Iterator[Piece]:
    """
    Every record that the words lead to, in the order of their names.

    Raises:
        ConfigError: a word leads nowhere, or needs an extra that is not installed.
    """
    for word in words:
        if "://" in word:
            yield from _remote(word)
        elif Path(word).is_dir():
            yield from _folder(Path(word))
        elif Path(word).is_file():
            yield from _file(word, Path(word))
        else:
            raise ConfigError([f"{word}: no such directory or file of records."])


def _wanted(name: str) -> bool:
    """Whether a path is that of a record: what begins with a dot is still being written."""
    parts = name.split("/")
    hidden = any(part.startswith(".") and part not in (".", "..") for part in parts)
    return not hidden and parts[-1] != GREEN and name.endswith((*RECORDS, *ARCHIVES))


def _folder(folder: Path) -> Iterator[Piece]:
    for path in sorted(folder.rglob("*")):
        if _wanted(path.relative_to(folder).as_posix()) and path.is_file():
            yield from _file(str(path), path)


def _file(place: str, path: Path) -> Iterator[Piece]:
    try:
        with path.open("rb") as file:
            yield from _opened(place, file)
    except OSError as error:
        yield Piece(place, problem=error.strerror or type(error).__name__)


def _opened(place: str, file: IO[bytes]) -> Iterator[Piece]:
    if not place.endswith(ARCHIVES):
        content = file.read(MOST_BYTES + 1)
        long = f"larger than {MOST_BYTES // 1_000_000} MB" if len(content) > MOST_BYTES else ""
        yield Piece(place, b"" if long else content, long)
        return
    try:
        with tarfile.open(fileobj=file, mode="r|*") as archive:  # a stream: no seeking back
            for member in archive:
                inner = archive.extractfile(member) if member.isreg() else None
                if inner and _wanted(member.name) and not member.name.endswith(ARCHIVES):
                    yield from _opened(f"{place}/{member.name}", inner)
    except (tarfile.TarError, EOFError, OSError) as error:
        yield Piece(place, problem=f"the archive is damaged: {error}")


def _remote(url: str) -> Iterator[Piece]:
    """Records of an object store or web server; `fsspec` has the client for each kind."""
    fs, path = file_system(url)
    try:
        found = sorted(fs.find(path)) if not _wanted(path) else [path]
        for name in found:
            if _wanted(name.removeprefix(path).lstrip("/")) or name == path:
                with fs.open(name, "rb") as file:
                    yield from _opened(name, file)
    except OSError as error:
        raise DataError(f"{url}: cannot be read: {error}") from None


def file_system(url: str) -> tuple[Any, str]:
    """
    The file system of a URL, and the path in it.

    Raises:
        ConfigError: what speaks to it is not installed.
    """
    try:
        fs, path = import_module("fsspec.core").url_to_fs(url)
    except ImportError as error:
        problem = f"{url} needs a package that is not installed ({error.name or error}). "
        raise ConfigError([problem + "Run: pip install 'smoke-http[store]'"]) from None
    except ValueError as error:
        raise ConfigError([f"{url}: cannot be read: {error}."]) from None
    return fs, path


# The maximum number of uncounted records that the report names.
LISTED = 20

NOT_BACK = "no record came back"


@dataclass
class Came:
    """The records of one target: attempts by unit; most targets have one of each."""

    units: dict[str, dict[int, Digest]] = field(default_factory=dict)

    @property
    def last(self) -> Digest | None:
        """The attempt that counts for the target: the worst of the last attempts of each unit."""
        lasts = [attempts[max(attempts)] for attempts in self.units.values()]
        return min(lasts, key=lambda d: WORST_FIRST.index(Exit(d.exit)), default=None)


@dataclass(frozen=True)
class Answer:
    """The result of one expected target; `last` is None if no record came back."""

    expected: Expected
    last: Digest | None
    attempts: tuple[Digest, ...]
    units: int

    @property
    def word(self) -> Word:
        """The verdict's word."""
        return Word(self.last.word) if self.last else Word.UNVERIFIED

    @property
    def exit(self) -> Exit:
        """The exit code that it stands for."""
        return Exit(self.last.exit) if self.last else Exit.UNVERIFIED

    @property
    def cause(self) -> str:
        """Who must act."""
        return self.last.cause if self.last else str(Cause.ENVIRONMENT)

    @property
    def reason(self) -> str:
        """The reason why it is not green, and the result of an earlier attempt."""
        message = self.last.reason if self.last else NOT_BACK
        return "; ".join(filter(None, [message, self.remark]))

    @property
    def remark(self) -> str:
        """A remark that does not change the verdict: a retry, or a duplicate."""
        if self.units > 1:
            return f"asked by {self.units} units, the worst counts"
        early = self.attempts[:-1]
        return "; ".join(f"attempt {d.attempt} was {d.word}: {d.reason}" for d in early)


class Merger:
    """Takes records one after the other, and keeps a few hundred bytes of each."""

    def __init__(self, fleet: Fleet, run: str = "") -> None:
        self.fleet = fleet
        self.run = run or fleet.id
        self.surfaces = Surfaces()
        self._came: dict[str, Came] = {target.name: Came() for target in fleet.targets}
        self._planned = datetime.fromisoformat(fleet.created)
        self.strays: list[str] = []
        self.stray_count = 0

    def take(self, piece: Piece) -> Digest | None:
        """Take a record; returns its digest, or None where it does not count."""
        try:
            if piece.problem:
                raise DataError(piece.problem)
            found = digest(piece.place, piece.content, self.surfaces)
        except DataError as error:
            message = str(error).partition("\n")[0]
            self._stray(message if message.startswith(piece.place) else f"{piece.place}: {message}")
            return None
        why = self._why_not(found)
        if why:
            self._stray(f"{piece.place}: {found.target} ({found.word}): {why}")
            return None
        # An engine may deliver the same record twice: the first one stays.
        attempts = self._came[found.target].units.setdefault(found.unit, {})
        return attempts.setdefault(found.attempt, found)

    def _stray(self, line: str) -> None:
        self.stray_count += 1
        if len(self.strays) < LISTED:
            self.strays.append(line)

    def _why_not(self, found: Digest) -> str:
        """The reason why a record does not count, such as an earlier run; empty if it counts."""
        if found.target not in self._came:
            return "not a target of this fleet"
        # A record of `smoke run` alone names no run of a fleet; then its time must do.
        if found.run:
            return "" if found.run == self.run else f"of another run ({found.run})"
        try:
            old = datetime.fromisoformat(found.started) < self._planned
        except (ValueError, TypeError):
            old = True
        return "older than the fleet's list" if old else ""

    def answers(self) -> Iterator[Answer]:
        """The result of each target, in the order of the list."""
        for target in self.fleet.targets:
            came = self._came[target.name]
            last = came.last
            units = came.units
            attempts = units[last.unit] if last else {}
            ordered = tuple(attempts[number] for number in sorted(attempts))
            yield Answer(target, last, ordered, len(units))


@dataclass(frozen=True)
class Merged:
    """The answers, the worst first, and the one verdict."""

    run: str
    answers: tuple[Answer, ...]
    surfaces: tuple[str, ...]
    strays: tuple[str, ...]
    stray_count: int

    @property
    def worst(self) -> Answer:
        """The answer that stands for all."""
        return self.answers[0]

    @property
    def counts(self) -> dict[str, int]:
        """The number of targets with each word, and of targets without a record."""
        words = Counter(str(answer.word) for answer in self.answers)
        return {str(word): words[word] for word in Word} | {"missing": len(self.missing)}

    @property
    def missing(self) -> list[str]:
        """Targets of which no record came back."""
        return [answer.expected.name for answer in self.answers if answer.last is None]

    @property
    def duplicates(self) -> list[str]:
        """Targets that more than one unit asked."""
        return [answer.expected.name for answer in self.answers if answer.units > 1]

    @property
    def reason(self) -> str:
        """The reason why the fleet is not green: that of the first of the worst targets."""
        worst = self.worst
        if worst.word is Word.GREEN:
            return ""
        return f"{worst.expected.name}: {worst.reason}"


def merged(merger: Merger) -> Merged:
    """The end of a merge: the worst target decides."""
    order = {code: place for place, code in enumerate(WORST_FIRST)}
    answers = sorted(merger.answers(), key=lambda answer: order[answer.exit])
    names = tuple(merger.surfaces.names)
    return Merged(merger.run, tuple(answers), names, tuple(merger.strays), merger.stray_count)


def names_of(answers: Iterable[Answer]) -> str:
    """The names of some targets, up to a maximum."""
    names = [answer.expected.name for answer in answers]
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more
