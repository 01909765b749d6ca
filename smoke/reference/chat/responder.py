"""Models: whoever answers the turns of a conversation."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

from ..agents.catalogue import MODEL, Agent
from ..settings import Settings

_STEP_S = 0.15
_RECALLED = 60


@dataclass(frozen=True, slots=True)
class Turn:
    """What somebody said; `role` is user, assistant or system."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered, and what it counted."""

    text: str
    model: str
    response_id: str
    input_tokens: int
    output_tokens: int


class ModelError(Exception):
    """The model gave no answer; the message may be shown to the caller."""

    def __init__(self, message: str, *, is_retryable: bool) -> None:
        super().__init__(message)
        self.is_retryable = is_retryable


class Responder(Protocol):
    """A model."""

    async def answer(self, agent: Agent, turns: Sequence[Turn], *, in_workflow: bool) -> Reply:
        """Answer the last turn; ModelError where there is no answer."""
        ...


class EmbeddedResponder:
    """A model that needs no provider: what it says follows from the turns alone.

    It counts words as tokens. A step of a workflow takes it 0.15 s, so that a run can be watched
    and cancelled.
    """

    async def answer(self, agent: Agent, turns: Sequence[Turn], *, in_workflow: bool) -> Reply:
        """Repeat the last turn, and recall the question before it."""
        if in_workflow:
            await asyncio.sleep(_STEP_S)
        text = _said(agent, [turn.text for turn in turns if turn.role == "user"])
        return Reply(
            text=text,
            model=MODEL,
            response_id=f"resp_{uuid4().hex}",
            input_tokens=sum(len(turn.text.split()) for turn in turns),
            output_tokens=len(text.split()),
        )


def responder_of(settings: Settings) -> Responder:
    """
    Return the model of the settings: a provider's if its key and URL are set, else the embedded.
    """
    if not (settings.openai_api_key and settings.openai_base_url):
        return EmbeddedResponder()
    from .openai_responder import OpenAIResponder  # its client is slow to import

    return OpenAIResponder(settings.openai_base_url, settings.openai_api_key, settings.openai_model)


def _said(agent: Agent, questions: Sequence[str]) -> str:
    text = f"{agent.display_name} heard: {questions[-1] if questions else ''}"
    if len(questions) < 2:
        return text
    return f"{text} (Before that you said: {questions[-2][:_RECALLED]})"
