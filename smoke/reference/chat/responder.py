"""The model that answers the turns of a conversation."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from ..agents.catalogue import MODEL, Agent

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


async def answer(agent: Agent, turns: Sequence[Turn], *, in_workflow: bool) -> Reply:
    """Repeat the last turn, and recall the question before it; words are counted as tokens.

    The model needs no provider: what it says follows from the turns alone. A step of a workflow
    takes it 0.15 s, so that a run can be watched and cancelled.
    """
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


def _said(agent: Agent, questions: Sequence[str]) -> str:
    text = f"{agent.display_name} heard: {questions[-1] if questions else ''}"
    if len(questions) < 2:
        return text
    return f"{text} (Before that you said: {questions[-2][:_RECALLED]})"
