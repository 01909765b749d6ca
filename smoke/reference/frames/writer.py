"""Writing the frames of one stream (`public_sse_v1`)."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from .. import schemas
from ..chat.responder import Reply
from ..database import now

_PIECE = 48


class Frames:
    """The frames of one stream: numbered from 1, kept for the ledger, and given to whoever listens.

    The last one, of kind `final` or `error`, waits in the ledger until `close` lets it out, so
    that whoever has read it finds everything stored.
    """

    def __init__(self, kind: str, conversation_id: str) -> None:
        self.queue: asyncio.Queue[str | None] = asyncio.Queue()
        self.written: list[str] = []
        self.stream_id = f"{kind}_{uuid4().hex}"
        self._conversation_id = conversation_id
        self._sent = 0

    def write(self, kind: str, **fields: Any) -> None:
        """Add a frame; it is sent at once."""
        self.end(kind, **fields)
        self._send()

    def say(self, text: str, item_id: str, **fields: Any) -> None:
        """Add a text in pieces, as `message.delta` frames."""
        for start in range(0, len(text), _PIECE):
            self.write(
                "message.delta",
                output_index=0,
                item_id=item_id,
                content_index=0,
                delta=text[start : start + _PIECE],
                **fields,
            )

    def finish(self, replies: Sequence[Reply], **fields: Any) -> None:
        """Add the last frame of what went well: the last reply, and what all of them used."""
        spent_in = sum(reply.input_tokens for reply in replies)
        spent_out = sum(reply.output_tokens for reply in replies)
        usage = {
            "input_tokens": spent_in,
            "output_tokens": spent_out,
            "total_tokens": spent_in + spent_out,
            "requests": len(replies),
        }
        final = {"status": "completed", "response_text": replies[-1].text, "usage": usage}
        self.end("final", response_id=replies[-1].response_id, final=final, **fields)

    def fail(self, **fields: Any) -> None:
        """Add the last frame of what failed, without the reason."""
        shown = {"source": "server", "message": "An unexpected error occurred."}
        self.end("error", error=shown | {"is_retryable": False}, **fields)

    def end(self, kind: str, **fields: Any) -> None:
        """Add the last frame; it is sent by `close`."""
        frame = schemas.PublicSseEvent.model_validate(
            {
                "schema": "public_sse_v1",
                "event_id": len(self.written) + 1,
                "stream_id": self.stream_id,
                "server_timestamp": now().isoformat(),
                "conversation_id": self._conversation_id,
                "kind": kind,
                **fields,
            }
        )
        self.written.append(frame.model_dump_json(by_alias=True))

    def close(self) -> None:
        """Send what is left, and the end of the stream."""
        self._send()
        self.queue.put_nowait(None)

    def _send(self) -> None:
        for frame in self.written[self._sent :]:
            self.queue.put_nowait(frame)
        self._sent = len(self.written)
