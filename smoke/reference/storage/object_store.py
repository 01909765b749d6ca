"""The bytes of stored objects, on disk, one file an object."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

MAX_OBJECT_BYTES = 512 * 1024 * 1024


class ObjectTooLargeError(ValueError):
    """More bytes arrived than an object may have."""


class ObjectStore:
    """A directory of objects named by id, so that no file name from outside ever names a file."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def path(self, object_id: UUID) -> Path:
        """Return where the bytes of an object are; the file exists only after an upload."""
        return self._directory / object_id.hex

    def is_writable(self) -> bool:
        """Tell whether the directory takes new objects."""
        return os.access(self._directory, os.W_OK | os.X_OK)

    def has(self, object_id: UUID) -> bool:
        """Tell whether the bytes of an object were uploaded."""
        return self.path(object_id).is_file()

    async def write(self, object_id: UUID, chunks: AsyncIterator[bytes]) -> int:
        """Replace the bytes of an object when all have arrived, unless they are too many."""
        part = self._directory / f"{object_id.hex}.{uuid4().hex}.part"
        size = 0
        try:
            with part.open("wb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > MAX_OBJECT_BYTES:
                        raise ObjectTooLargeError(f"{size} bytes are more than {MAX_OBJECT_BYTES}.")
                    file.write(chunk)
            part.replace(self.path(object_id))
        finally:
            part.unlink(missing_ok=True)
        return size

    def delete(self, object_id: UUID) -> None:
        """Remove the bytes of an object, if there are any."""
        self.path(object_id).unlink(missing_ok=True)
