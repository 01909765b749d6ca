"""The conversation that a chat of the run begins: checks read it, and may continue it."""

import pytest
import pytest_asyncio

from smoke import Actor, Answer, Cleanup, Exchange, Expect, Lists, Run
from smoke.checks.accounts import must_be_writable
from smoke.checks.frames import PATIENCE_S

DETAIL = "GET /api/v1/conversations/{conversation_id}"
DELETE = "DELETE /api/v1/conversations/{conversation_id}"
# Longer than a field that only holds the beginning of a message.
LONG = "This is to be kept to its end. " * 40


@pytest.fixture(scope="session")
def chosen_agent(lists: Lists, agent_pages: list[Answer]) -> str:
    """The agent that a chat of this run is addressed to."""
    names = sorted(str(row["name"]) for row in lists.rows_of(agent_pages))
    agent_pages[-1].that("at least one agent", bool(names))
    return names[0]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chat(
    member: Actor, owner: Actor, expect: Expect, run: Run, session_cleanup: Cleanup,
    chosen_agent: str,
) -> Answer:  # fmt: skip
    """The chosen agent's answer, which began a conversation of this run; checks may continue it."""
    must_be_writable(member, "conversation")
    message = f"Remember smoke-{run.id}, “Zoë”, 東京 and 🚲. {LONG}The end."
    asked = {"message": message, "agent_type": chosen_agent}
    answer = expect(await member.call("POST /api/v1/chat", json=asked, timeout_s=PATIENCE_S))
    session_cleanup(owner, DELETE, conversation_id=str(answer.value("/conversation_id")))
    return answer


@pytest.fixture(scope="session")
def chat_id(chat: Answer) -> str:
    """The conversation that a chat of this run began."""
    return str(chat.value("/conversation_id"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chat_detail(chat_id: str, viewer: Actor) -> Exchange:
    """The conversation that a chat of this run began, read after it."""
    return await viewer.call(DETAIL, conversation_id=chat_id)
