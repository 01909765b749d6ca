"""Frames that carry a piece of a text."""

from typing import Literal

from ..schemas import Closed
from .parts import ContainerFileCitation, FileCitation, Frame, UrlCitation


class ChunkTarget(Closed):
    entity_kind: Literal["tool_call", "message"]
    entity_id: str
    field: str
    part_index: int | None = None


class ChunkDeltaEvent(Frame):
    output_index: int
    item_id: str
    kind: Literal["chunk.delta"]
    target: ChunkTarget
    encoding: Literal["base64", "utf8"] = "utf8"
    chunk_index: int
    data: str


class ChunkDoneEvent(Frame):
    output_index: int
    item_id: str
    kind: Literal["chunk.done"]
    target: ChunkTarget


class MessageCitationEvent(Frame):
    output_index: int
    item_id: str
    kind: Literal["message.citation"]
    content_index: int
    citation: UrlCitation | ContainerFileCitation | FileCitation


class MessageDeltaEvent(Frame):
    output_index: int
    item_id: str
    kind: Literal["message.delta"]
    content_index: int
    delta: str


class ReasoningSummaryDeltaEvent(Frame):
    output_index: int
    item_id: str
    kind: Literal["reasoning_summary.delta"]
    summary_index: int | None = None
    delta: str


class ReasoningSummaryPartAddedEvent(Frame):
    output_index: int
    item_id: str
    kind: Literal["reasoning_summary.part.added"]
    summary_index: int
    part_type: Literal["summary_text"] = "summary_text"
    text: str | None = None


class ReasoningSummaryPartDoneEvent(Frame):
    output_index: int
    item_id: str
    kind: Literal["reasoning_summary.part.done"]
    summary_index: int
    part_type: Literal["summary_text"] = "summary_text"
    text: str


class RefusalDeltaEvent(Frame):
    output_index: int
    item_id: str
    kind: Literal["refusal.delta"]
    content_index: int
    delta: str


class RefusalDoneEvent(Frame):
    output_index: int
    item_id: str
    kind: Literal["refusal.done"]
    content_index: int
    refusal_text: str
