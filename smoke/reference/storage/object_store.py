"""The bytes of stored objects, on disk, one file an object."""

import asyncio
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

    async def write(self, object_id: UUID, chunks: AsyncIterator[bytes]) -> int:
        """Replace the bytes of an object at once when all have arrived, and return their number.

        Raises:
            ObjectTooLargeError: more than `MAX_OBJECT_BYTES` arrived; the object is unchanged.
        """
        part = self._directory / f"{object_id.hex}.{uuid4().hex}.part"
        try:
            size = await _copy(chunks, part)
            await asyncio.to_thread(os.replace, part, self.path(object_id))
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)
        return size

    async def delete(self, object_id: UUID) -> None:
        """Remove the bytes of an object, if there are any."""
        await asyncio.to_thread(self.path(object_id).unlink, missing_ok=True)


async def _copy(chunks: AsyncIterator[bytes], path: Path) -> int:
    size = 0
    with path.open("wb") as file:  # opening is quick; the writes are in a thread
        async for chunk in chunks:
            size += len(chunk)
            if size > MAX_OBJECT_BYTES:
                raise ObjectTooLargeError(f"{size} bytes are more than {MAX_OBJECT_BYTES}.")
            if chunk:
                await asyncio.to_thread(file.write, chunk)
    return size
