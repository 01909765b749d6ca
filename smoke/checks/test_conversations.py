"""Conversations: what was said is kept, found, changed, and gone when it is deleted."""

from typing import Any

from smoke import Actor, Answer, Expect, Lists, Run, World, exercises
from smoke.checks.answered import shown
from smoke.checks.conftest import CONVERSATIONS as LIST
from smoke.checks.conftest import SEARCH

ONE = "/api/v1/conversations/{conversation_id}"
MESSAGES = f"GET {ONE}/messages"
DELETE_MESSAGE = f"DELETE {ONE}/messages/{{message_id}}"
# Characters of a title, at most.
LONGEST = 128
# The age up to which a conversation counts as recent.
TIMES = ("updated_at", "created_at")


@exercises(LIST)
async def test_conversation_is_listed(
    lists: Lists, conversation_pages: list[Answer], conversation_id: str
) -> None:
    """The seeded conversation is in the tenant's list once, with its two messages counted."""
    row = lists.row_of(conversation_pages, {"conversation_id": conversation_id})
    conversation_pages[-1].that("two messages counted", row["message_count"] == 2, row)


@exercises(LIST)
async def test_recent_conversations_come_first(
    conversation_pages: list[Answer], expect: Expect, conversation_id: str
) -> None:
    """The list is ordered by recency, the newest conversation first."""
    page = expect(conversation_pages[0].exchange)
    page.that("some conversations", bool(page.values("/items/*")), conversation_id)
    ordered = [_descend(page.values(f"/items/*/{name}")) for name in TIMES]
    page.that("the newest first", any(ordered), page.values("/items/*/updated_at")[:5])


async def test_malformed_cursor_is_refused(viewer: Actor, expect: Expect) -> None:
    """A cursor that no page gave is refused."""
    expect(await viewer.call(LIST, query={"cursor": "not-a-cursor!"}), 400, 422)


@exercises(f"GET {ONE}", MESSAGES)
async def test_conversation_has_its_messages(
    viewer: Actor, expect: Expect, conversation: Answer, conversation_id: str, run: Run
) -> None:
    """The seeded question and answer are in the detail, and among the messages in order."""
    path = {"conversation_id": conversation_id}
    detail = expect(conversation.exchange).holds("/conversation_id", conversation_id)
    said = _said(detail, "/messages")
    detail.that("the seeded words", all(run.id in text for _, text in said), said)
    detail.that("a question and its answer", [who for who, _ in said] == ["user", "assistant"])
    for direction, wanted in (("asc", said), ("desc", said[::-1])):
        found = expect(await viewer.call(MESSAGES, query={"direction": direction}, **_path(path)))
        listed = _said(found, "/items")
        found.that(f"the same messages, {direction}", listed == wanted, listed)


@exercises(SEARCH)
async def test_search_finds_what_was_said(
    viewer: Actor,
    expect: Expect,
    lists: Lists,
    found_pages: list[Answer],
    conversation_id: str,
    unique_word: str,
) -> None:
    """A search finds the conversation by a question's word, and nothing by a word never said."""
    ids = [row["conversation_id"] for row in lists.rows_of(found_pages)]
    found_pages[-1].that("the conversation found by its words", conversation_id in ids, ids[:5])
    nothing = expect(await viewer.call(SEARCH, query={"q": f"neversaid{unique_word[:5:-1]}äß東"}))
    nothing.lacks("/items/*/conversation_id", conversation_id)
    found = nothing.values("/items/*/conversation_id")
    nothing.that("no conversation for a word never said", not found, found)


@exercises(f"GET {ONE}/events")
async def test_events_are_of_the_conversation(
    viewer: Actor, expect: Expect, conversation_id: str, world: World
) -> None:
    """The events of a conversation are its own, each with a number of its own."""
    seeded_id = world["conversation_id"]
    events = expect(await viewer.call(f"GET {ONE}/events", conversation_id=seeded_id))
    events.holds("/conversation_id", conversation_id)
    numbers = events.values("/items/*/sequence_no")
    events.that("each sequence number once", len(set(numbers)) == len(numbers), numbers)


@exercises(f"PATCH {ONE}/title")
async def test_title_is_kept(
    owner: Actor, viewer: Actor, expect: Expect, conversation_id: str, unique_word: str
) -> None:
    """A title is read back letter for letter: any script, quotes, emoji, the longest allowed."""
    unusual = f"Smoke {unique_word}: \"größer\" 'als' <5 €> & 東京 🚲 שלום"
    for title in (f"{unusual} {'x' * LONGEST}"[:LONGEST], unusual):
        body = {"display_name": title}
        expect(await owner.call(f"PATCH {ONE}/title", json=body, conversation_id=conversation_id))
        detail = expect(await viewer.call(f"GET {ONE}", conversation_id=conversation_id))
        detail.holds("/display_name", title)


@exercises(f"PATCH {ONE}/memory")
async def test_memory_is_kept(owner: Actor, expect: Expect, conversation_id: str) -> None:
    """The memory settings of a conversation answer with what was set."""
    memory = {"mode": "trim", "max_user_turns": 7}
    path = f"PATCH {ONE}/memory"
    answer = expect(await owner.call(path, json=memory, conversation_id=conversation_id))
    answer.holds("/mode", "trim").holds("/max_user_turns", 7)


@exercises(DELETE_MESSAGE)
async def test_deleted_message_is_gone(
    owner: Actor, expect: Expect, lists: Lists, question_id: str, run: Run
) -> None:
    """A deleted message is not among the messages any more, and nothing that came after it."""
    asked = await lists.row(owner, MESSAGES, {"role": "user"}, conversation_id=question_id)
    path = {"conversation_id": question_id, "message_id": str(asked["message_id"])}
    run.own(DELETE_MESSAGE, path)
    expect(await owner.call(DELETE_MESSAGE, **_path(path)))
    # Asked as before: a cache may go on with the answer to one query only.
    gone = {"message_id": asked["message_id"]}
    left = await lists.lack(owner, MESSAGES, gone, conversation_id=question_id)
    expect.that("no answer without its question", not lists.rows_of(left), lists.rows_of(left))


@exercises(f"DELETE {ONE}")
async def test_deleted_conversation_is_gone(
    owner: Actor,
    viewer: Actor,
    expect: Expect,
    lists: Lists,
    deletable: Answer,
    world: World,
    run: Run,
    conversation_id: str,
) -> None:
    """A deleted conversation is neither read nor listed nor found; another one stays."""
    deletable_id = str(expect(deletable.exchange).value("/conversation_id"))
    # A word of its answer: the other search is for a word of a question.
    row, words = {"conversation_id": deletable_id}, f"goodbye-{run.id}"
    await shown(lists, viewer, LIST, row)
    await lists.row(owner, SEARCH, row, q=words)
    expect(await owner.call(f"DELETE {ONE}", conversation_id=deletable_id))
    # Read as before, by the id of the answer to seeding.
    seeded_id = world["scrap_conversation_id"]
    expect(await viewer.call(f"GET {ONE}", conversation_id=seeded_id), 404)
    # The same conversation under its other name: the end of the run need not delete it once more.
    run.took_away(f"DELETE {ONE}", ONE.format(conversation_id=seeded_id), owner.name)
    # Asked as before: a cache may go on with the answer to one caller only.
    left = await lists.lack(viewer, LIST, row)
    lists.row_of(left, {"conversation_id": conversation_id})
    await lists.lack(owner, SEARCH, row, q=words)


def _said(answer: Answer, pointer: str) -> list[tuple[str, str]]:
    """The role and the text of each message at a pointer."""
    return [(one["role"], one["content"]) for one in answer.values(f"{pointer}/*")]


def _descend(times: list[str]) -> bool:
    """Whether date-times of one form are in descending order."""
    return bool(times) and times == sorted(times, reverse=True)


def _path(values: dict[str, Any]) -> dict[str, Any]:
    """Path values as keyword arguments of any type."""
    return values
