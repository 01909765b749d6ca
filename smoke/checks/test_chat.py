"""Chat: an agent answers, at once and as a stream, and what was said is kept."""

import json

from smoke import (
    Actor,
    Answer,
    Cleanup,
    Exchange,
    Expect,
    Lists,
    Run,
    World,
    exercises,
    gate,
    together,
)
from smoke.checks.accounts import must_be_writable
from smoke.checks.frames import BUDGET, PATIENCE_S, Arrivals, completed, flows, frames_of
from smoke.checks.things import EACH_KIND_APART, STORED_OBJECT, Things

CHAT = "POST /api/v1/chat"
STREAM = "POST /api/v1/chat/stream"
CONVERSATIONS = "GET /api/v1/conversations"
CONVERSATION = "/api/v1/conversations/{conversation_id}"
DELETE = f"DELETE {CONVERSATION}"
LEDGER = f"GET {CONVERSATION}/ledger"
# The statuses of a request that names a thing of another tenant.
NOT_ITS_OWN = (400, 403, 404, 422)


@exercises(CHAT)
async def test_answer_is_kept_in_the_conversation(
    chat: Answer,
    chat_detail: Exchange,
    viewer: Actor,
    expect: Expect,
    chat_id: str,
    lists: Lists,
) -> None:
    """A question is answered, and one conversation lists the question and the answer."""
    answer = expect(chat.exchange)
    answer.that("words in the answer", bool(str(answer.value("/response")).strip()))
    _both_spoke(expect(chat_detail), str(json.loads(answer.exchange.request_body)["message"]))
    await lists.row(viewer, CONVERSATIONS, {"conversation_id": chat_id})


@exercises(CHAT)
async def test_conversation_goes_on(
    chat: Answer,
    chat_detail: Exchange,
    member: Actor,
    viewer: Actor,
    expect: Expect,
    run: Run,
    chat_id: str,
) -> None:
    """A question asked in a conversation is answered there, after what was said before."""
    before = expect(chat_detail)
    asked = {"message": f"And smoke-{run.id} again?", "conversation_id": chat_id}
    sent = expect(await member.call(CHAT, json=asked, timeout_s=PATIENCE_S))
    sent.holds("/conversation_id", chat_id)
    after = expect(await viewer.call(f"GET {CONVERSATION}", conversation_id=chat_id))
    kept, now = before.values("/messages/*/content"), after.values("/messages/*/content")
    after.that("the earlier messages first", kept == now[: len(kept)], now)
    after.that("at least two more messages", len(now) >= len(kept) + 2, now)
    first, answer = chat.value("/response"), sent.value("/response")
    # The stored answer may differ in words from the returned one: the first answer shows that.
    is_first = answer == first and first in kept and answer not in now[len(kept) :]
    sent.that("another answer than to the first question", not is_first, answer)


@gate("ai")
async def test_other_tenant_asks_nothing(
    world: World,
    conversation: Answer,
    outsider: Actor,
    viewer: Actor,
    expect: Expect,
    run: Run,
    cleanup: Cleanup,
) -> None:
    """
    Another tenant asks no question in a conversation of the run's tenant.

    It is named by its UUID: a name may be one of the other tenant's own, where it begins a new one.
    """
    expect(conversation.exchange)
    shown = conversation.value("/conversation_id")
    asked = {"message": f"What does another tenant say to smoke-{run.id}?"}
    asked["conversation_id"] = world["conversation_id"]
    foreign = expect(await outsider.call(CHAT, json=asked, timeout_s=PATIENCE_S), 200, 403, 404)
    if foreign.exchange.status != 200:
        return
    own = str(foreign.value("/conversation_id"))
    foreign.that("a conversation of its own", own != shown, own)
    if own != world["conversation_id"]:
        cleanup(outsider, DELETE, conversation_id=own)
    path = {"conversation_id": shown}
    read = expect(await viewer.call(f"GET {CONVERSATION}", **path))
    said = read.values("/messages/*/content")
    read.that("no question of another tenant", asked["message"] not in said, said)


@gate("ai")
@gate("storage")
@EACH_KIND_APART
@STORED_OBJECT.alone
async def test_other_tenant_attaches_nothing(
    things: Things, outsider: Actor, expect: Expect, run: Run, cleanup: Cleanup
) -> None:
    """Another tenant hands no stored object of the run's tenant to an agent."""
    ours = await things.path_of(STORED_OBJECT)
    asked = {"message": f"Read this to smoke-{run.id}.", "attachments": [ours]}
    sent = await outsider.call(CHAT, json=asked, timeout_s=PATIENCE_S)
    if sent.status == 200:
        cleanup(outsider, DELETE, conversation_id=str(sent.json["conversation_id"]))
    expect(sent, *NOT_ITS_OWN)


@exercises(CHAT)
async def test_chosen_agent_answers(chat: Answer, chosen_agent: str, expect: Expect) -> None:
    """The agent that a question is addressed to is the one that answers, or hands it over."""
    answer = expect(chat.exchange)
    used, handed_over = answer.json.get("agent_used"), answer.json.get("handoff_occurred")
    answer.that(f"an answer of {chosen_agent!r}", used in (None, chosen_agent) or handed_over, used)


@exercises(STREAM, f"{LEDGER}/stream", f"{LEDGER}/events")
async def test_streamed_answer_is_whole_and_can_be_replayed(
    member: Actor,
    owner: Actor,
    viewer: Actor,
    expect: Expect,
    run: Run,
    cleanup: Cleanup,
    lists: Lists,
) -> None:
    """An answer is streamed to its end, kept as a message, and replayed as it was streamed."""
    must_be_writable(member, "conversation")
    asked = {"message": f"Say yes to smoke-{run.id}."}
    arrivals = Arrivals()
    streamed = expect(await member.call(STREAM, json=asked, stream=arrivals.bounds))
    conversation_id = str(streamed.value("/conversation_id"))
    cleanup(owner, DELETE, conversation_id=conversation_id)
    frames = frames_of(streamed)
    flows(completed(streamed), arrivals)
    path = {"conversation_id": conversation_id}
    detail = expect(await viewer.call(f"GET {CONVERSATION}", conversation_id=conversation_id))
    _both_spoke(detail, asked["message"])
    again = expect(
        await viewer.call(f"{LEDGER}/stream", stream=BUDGET, conversation_id=conversation_id)
    )
    same = again.exchange.events == streamed.exchange.events
    again.that("the same frames, byte for byte", same, again.exchange.text[:200])
    expected = list(range(1, len(frames) + 1))
    rows = await lists.until(
        viewer, f"{LEDGER}/events", lambda rows: len(rows) == len(expected), **path
    )
    numbers = sorted(row["event_id"] for row in rows)
    expect.that("the same frames in the list", numbers == expected, numbers)


@exercises(f"PATCH {CONVERSATION}/title", f"GET {CONVERSATION}/stream")
async def test_title_is_streamed(
    owner: Actor, viewer: Actor, expect: Expect, run: Run, conversation: Answer, world: World
) -> None:
    """The title of a conversation is streamed in pieces, and the stream says when it is done."""
    expect(conversation.exchange)
    title, seeded_id = f"Smoke chat {run.id}", world["conversation_id"]
    path = f"PATCH {CONVERSATION}/title"
    expect(await owner.call(path, json={"display_name": title}, conversation_id=seeded_id))
    path = f"GET {CONVERSATION}/stream"
    streamed = expect(await viewer.call(path, stream=BUDGET, conversation_id=seeded_id))
    *pieces, last = streamed.exchange.events or ("",)
    streamed.that("[DONE] at the end", last == "[DONE]", last)
    spoken = "".join(pieces)
    streamed.that("the title", "".join(spoken.split()) == "".join(title.split()), spoken)


def _both_spoke(detail: Answer, asked: str) -> None:
    """Expect the question once, and any answer after it."""
    said = [(one["role"], one["content"]) for one in detail.json["messages"]]
    questions = [n for n, (role, words) in enumerate(said) if role == "user" and asked in words]
    detail.that("the question among the messages, once", len(questions) == 1, said)
    later = said[questions[0] + 1 :]
    answer = any(role == "assistant" and words.strip() for role, words in later)
    detail.that("an answer after the question", answer, said)


@gate("ai")
async def test_viewer_cannot_chat(viewer: Actor, expect: Expect) -> None:
    """A user who may only read may not ask."""
    calls = [viewer.call(operation, json={"message": "smoke"}) for operation in (CHAT, STREAM)]
    for exchange in await together(calls):
        expect(exchange, 403)
