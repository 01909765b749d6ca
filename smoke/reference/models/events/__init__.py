"""
The frames of the streams (`public_sse_v1`).
"""

from .parts import MessageAttachment
from .streams import PublicSseEvent, StreamingChatEvent, StreamingWorkflowEvent

__all__ = ["MessageAttachment", "PublicSseEvent", "StreamingChatEvent", "StreamingWorkflowEvent"]
