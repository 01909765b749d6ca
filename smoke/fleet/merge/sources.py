"""The sources of records: directories, files, archives, and URLs of object stores."""

import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from smoke.errors import ConfigError, DataError
from smoke.results.run_dir import GREEN

RECORDS, ARCHIVES = (".jsonl", ".jsonl.gz"), (".tar", ".tar.gz", ".tgz")
# The largest record that is read, as it is stored.
MOST_BYTES = 64_000_000


@dataclass(frozen=True)
class Piece:
    """A record as it is stored; `problem` is the reason why it could not be read."""

    place: str
    content: bytes = b""
    problem: str = ""


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
