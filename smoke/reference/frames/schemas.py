"""A frame of a stream, whatever its kind."""

from pydantic import RootModel

from .milestones import (
    AgentUpdatedEvent,
    ErrorEvent,
    FinalEvent,
    LifecycleEvent,
    MemoryCheckpointEvent,
    OutputItemAddedEvent,
    OutputItemDoneEvent,
)
from .pieces import (
    ChunkDeltaEvent,
    ChunkDoneEvent,
    MessageCitationEvent,
    MessageDeltaEvent,
    ReasoningSummaryDeltaEvent,
    ReasoningSummaryPartAddedEvent,
    ReasoningSummaryPartDoneEvent,
    RefusalDeltaEvent,
    RefusalDoneEvent,
)
from .tools import (
    ToolApprovalEvent,
    ToolArgumentsDeltaEvent,
    ToolArgumentsDoneEvent,
    ToolCodeDeltaEvent,
    ToolCodeDoneEvent,
    ToolOutputEvent,
    ToolStatusEvent,
)


class PublicSseEvent(
    RootModel[
        LifecycleEvent
        | MemoryCheckpointEvent
        | AgentUpdatedEvent
        | OutputItemAddedEvent
        | OutputItemDoneEvent
        | MessageDeltaEvent
        | MessageCitationEvent
        | ReasoningSummaryDeltaEvent
        | ReasoningSummaryPartAddedEvent
        | ReasoningSummaryPartDoneEvent
        | RefusalDeltaEvent
        | RefusalDoneEvent
        | ToolStatusEvent
        | ToolArgumentsDeltaEvent
        | ToolArgumentsDoneEvent
        | ToolCodeDeltaEvent
        | ToolCodeDoneEvent
        | ToolOutputEvent
        | ToolApprovalEvent
        | ChunkDeltaEvent
        | ChunkDoneEvent
        | ErrorEvent
        | FinalEvent
    ]
):
    """Root model so the wire format is the event object itself (not nested)."""


class StreamingChatEvent(
    RootModel[
        LifecycleEvent
        | MemoryCheckpointEvent
        | AgentUpdatedEvent
        | OutputItemAddedEvent
        | OutputItemDoneEvent
        | MessageDeltaEvent
        | MessageCitationEvent
        | ReasoningSummaryDeltaEvent
        | ReasoningSummaryPartAddedEvent
        | ReasoningSummaryPartDoneEvent
        | RefusalDeltaEvent
        | RefusalDoneEvent
        | ToolStatusEvent
        | ToolArgumentsDeltaEvent
        | ToolArgumentsDoneEvent
        | ToolCodeDeltaEvent
        | ToolCodeDoneEvent
        | ToolOutputEvent
        | ToolApprovalEvent
        | ChunkDeltaEvent
        | ChunkDoneEvent
        | ErrorEvent
        | FinalEvent
    ]
):
    """One of the kinds a stream may carry."""


class StreamingWorkflowEvent(
    RootModel[
        LifecycleEvent
        | MemoryCheckpointEvent
        | AgentUpdatedEvent
        | OutputItemAddedEvent
        | OutputItemDoneEvent
        | MessageDeltaEvent
        | MessageCitationEvent
        | ReasoningSummaryDeltaEvent
        | ReasoningSummaryPartAddedEvent
        | ReasoningSummaryPartDoneEvent
        | RefusalDeltaEvent
        | RefusalDoneEvent
        | ToolStatusEvent
        | ToolArgumentsDeltaEvent
        | ToolArgumentsDoneEvent
        | ToolCodeDeltaEvent
        | ToolCodeDoneEvent
        | ToolOutputEvent
        | ToolApprovalEvent
        | ChunkDeltaEvent
        | ChunkDoneEvent
        | ErrorEvent
        | FinalEvent
    ]
):
    """One of the kinds a stream may carry."""
