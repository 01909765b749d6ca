"""Does an agent answer, at once and as a stream, and is what was said kept?"""

from collections.abc import Callable

import pytest

from smoke.auth import Actor
from smoke.checks import exercises
from smoke.checks.conftest import ReadAll
from smoke.checks.frames import BUDGET, completed, frames_of
from smoke.expect import Expect
from smoke.run import Run

CHAT = "POST /api/v1/chat"
STREAM = "POST /api/v1/chat/stream"
CONVERSATIONS = "GET /api/v1/conversations"
CONVERSATION = "/api/v1/conversations/{conversation_id}"
DELETE = f"DELETE {CONVERSATION}"
LEDGER = f"GET {CONVERSATION}/ledger"


@exercises(CHAT)
async def test_answer_is_kept_in_the_conversation(
    member: Actor,
    owner: Actor,
    viewer: Actor,
    expect: Expect,
    run: Run,
    cleanup: Callable[..., None],
    read_all: ReadAll,
) -> None:
    """A question is answered, and the conversation then lists the question and the answer."""
    asked = f"Say yes to smoke-{run.id}."
    answer = expect(await member.call(CHAT, json={"message": asked}))
    conversation_id = str(answer.value("/conversation_id"))
    cleanup(owner, DELETE, conversation_id=conversation_id)
    answered = str(answer.value("/response"))
    answer.that("words in the answer", bool(answered.strip()))
    detail = expect(await viewer.call(f"GET {CONVERSATION}", conversation_id=conversation_id))
    said = [(one["role"], one["content"]) for one in detail.json["messages"]]
    detail.that("the question, once", said.count(("user", asked)) == 1, said)
    detail.that("the answer", ("assistant", answered) in said, said)
    ids = [row["conversation_id"] for row in await read_all(viewer, CONVERSATIONS)]
    expect.that("the conversation in the list", conversation_id in ids)


@exercises(CHAT)
async def test_conversation_goes_on(
    member: Actor, viewer: Actor, expect: Expect, run: Run, talk: str
) -> None:
    """A question asked in a conversation is answered there, after what was said before."""
    before = expect(await viewer.call(f"GET {CONVERSATION}", conversation_id=talk))
    asked = {"message": f"And smoke-{run.id} again?", "conversation_id": talk}
    expect(await member.call(CHAT, json=asked)).holds("/conversation_id", talk)
    after = expect(await viewer.call(f"GET {CONVERSATION}", conversation_id=talk))
    kept, now = before.values("/messages/*/content"), after.values("/messages/*/content")
    after.that("what was said before, still there", set(kept) <= set(now), now)
    after.that("at least two more messages", len(now) >= len(kept) + 2, now)


@exercises(STREAM, f"{LEDGER}/stream", f"{LEDGER}/events")
async def test_streamed_answer_is_whole_and_can_be_replayed(
    member: Actor,
    owner: Actor,
    viewer: Actor,
    expect: Expect,
    run: Run,
    cleanup: Callable[..., None],
) -> None:
    """An answer is streamed to its end, kept as a message, and replayed as it was streamed."""
    asked = {"message": f"Say yes to smoke-{run.id}."}
    streamed = expect(await member.call(STREAM, json=asked, stream=BUDGET))
    talk = str(streamed.value("/conversation_id"))
    cleanup(owner, DELETE, conversation_id=talk)
    frames = frames_of(streamed)
    answered = completed(streamed).value("/final/response_text")
    detail = expect(await viewer.call(f"GET {CONVERSATION}", conversation_id=talk))
    detail.lists("/messages/*/content", asked["message"]).lists("/messages/*/content", answered)
    again = expect(await viewer.call(f"{LEDGER}/stream", stream=BUDGET, conversation_id=talk))
    same = again.exchange.events == streamed.exchange.events
    again.that("the same frames, byte for byte", same, again.exchange.text[:200])
    page = expect(await viewer.call(f"{LEDGER}/events", conversation_id=talk))
    numbers = [frame["event_id"] for frame in frames]
    page.that("the same frames in the list", page.values("/items/*/event_id") == numbers)


@exercises(f"GET {CONVERSATION}/stream")
async def test_title_is_streamed(
    owner: Actor, viewer: Actor, expect: Expect, run: Run, talk: str
) -> None:
    """The title of a conversation is streamed in pieces, and the stream says when it is done."""
    title = f"Smoke talk {run.id}"
    path = f"PATCH {CONVERSATION}/title"
    expect(await owner.call(path, json={"display_name": title}, conversation_id=talk))
    path = f"GET {CONVERSATION}/stream"
    streamed = expect(await viewer.call(path, stream=BUDGET, conversation_id=talk))
    *pieces, last = streamed.exchange.events or ("",)
    streamed.that("[DONE] at the end", last == "[DONE]", last)
    spoken = "".join(pieces)
    streamed.that("the title", "".join(spoken.split()) == "".join(title.split()), spoken)


@pytest.mark.gate("ai")
async def test_viewer_cannot_chat(viewer: Actor, expect: Expect) -> None:
    """Who may only read may not ask."""
    expect(await viewer.call(CHAT, json={"message": "smoke"}), 403)
    expect(await viewer.call(STREAM, json={"message": "smoke"}), 403)
