"""Is what was said kept, found, changed and gone when it should be?"""

from smoke import Actor, Expect, Lists, Run, exercises

LIST = "GET /api/v1/conversations"
SEARCH = "GET /api/v1/conversations/search"
ONE = "/api/v1/conversations/{conversation_id}"
MESSAGES = f"GET {ONE}/messages"
DELETE_MESSAGE = f"DELETE {ONE}/messages/{{message_id}}"


@exercises(LIST)
async def test_conversation_is_listed(
    viewer: Actor, expect: Expect, lists: Lists, conversation_id: str
) -> None:
    """The seeded conversation is in the tenant's list, with its two messages counted."""
    rows = await lists.rows(viewer, LIST, {"conversation_id": conversation_id})
    expect.that("the seeded conversation, once", len(rows) == 1, len(rows))
    expect.that("two messages counted", rows[0]["message_count"] == 2, rows[0])


@exercises(LIST)
async def test_list_goes_on(viewer: Actor, expect: Expect, deletable_id: str) -> None:
    """A page of one conversation says where the next one is, and that is another one."""
    assert deletable_id  # one of three conversations that seeding made
    first = expect(await viewer.call(LIST, query={"limit": 1}))
    first.that("one conversation on the page", len(first.values("/items/*")) == 1)
    following = {"limit": 1, "cursor": first.value("/next_cursor")}
    second = expect(await viewer.call(LIST, query=following))
    second.lacks("/items/*/conversation_id", first.value("/items/0/conversation_id"))
    second.that("another conversation", len(second.values("/items/*")) == 1)


@exercises(f"GET {ONE}", MESSAGES)
async def test_conversation_has_its_messages(
    viewer: Actor, expect: Expect, conversation_id: str, unique_word: str
) -> None:
    """The question and the answer of the seeding are read back, in the detail and as messages."""
    detail = expect(await viewer.call(f"GET {ONE}", conversation_id=conversation_id))
    detail.holds("/conversation_id", conversation_id)
    spoken = detail.values("/messages/*/content")
    detail.that("the seeded words", all(unique_word in text for text in spoken), spoken)
    roles = detail.values("/messages/*/role")
    detail.that("one of the user, one of the assistant", sorted(roles) == ["assistant", "user"])
    query = {"direction": "asc"}
    messages = expect(await viewer.call(MESSAGES, query=query, conversation_id=conversation_id))
    words = messages.values("/items/*/content")
    messages.that("the same words", sorted(words) == sorted(spoken), words)


@exercises(SEARCH)
async def test_search_finds_what_was_said(
    viewer: Actor, expect: Expect, lists: Lists, conversation_id: str, unique_word: str
) -> None:
    """Searching finds the seeded conversation by its words, and not by words nobody said."""
    wanted = {"conversation_id": conversation_id}
    found = await lists.rows(viewer, SEARCH, wanted, q=unique_word)
    expect.that("the conversation found", bool(found))
    nothing = expect(await viewer.call(SEARCH, query={"q": f"neversaid{unique_word[:5:-1]}"}))
    nothing.lacks("/items/*/conversation_id", conversation_id)


@exercises(f"GET {ONE}/events")
async def test_events_are_of_the_conversation(
    viewer: Actor, expect: Expect, conversation_id: str
) -> None:
    """The events of a conversation are its own, each with a number of its own."""
    events = expect(await viewer.call(f"GET {ONE}/events", conversation_id=conversation_id))
    events.holds("/conversation_id", conversation_id)
    numbers = events.values("/items/*/sequence_no")
    events.that("each sequence number once", len(set(numbers)) == len(numbers), numbers)


@exercises(f"PATCH {ONE}/title")
async def test_title_is_kept(
    owner: Actor, viewer: Actor, expect: Expect, conversation_id: str, unique_word: str
) -> None:
    """A new title is read back by somebody else, letter for letter in any script."""
    title = {"display_name": f"Smoke {unique_word}: größer als 5 €, 東京"}
    expect(await owner.call(f"PATCH {ONE}/title", json=title, conversation_id=conversation_id))
    detail = expect(await viewer.call(f"GET {ONE}", conversation_id=conversation_id))
    detail.holds("/display_name", title["display_name"])


@exercises(f"PATCH {ONE}/memory")
async def test_memory_is_kept(owner: Actor, expect: Expect, conversation_id: str) -> None:
    """The memory settings of a conversation answer with what was set."""
    memory = {"mode": "trim", "max_user_turns": 7}
    path = f"PATCH {ONE}/memory"
    answer = expect(await owner.call(path, json=memory, conversation_id=conversation_id))
    answer.holds("/mode", "trim").holds("/max_user_turns", 7)


@exercises(DELETE_MESSAGE, f"DELETE {ONE}")
async def test_deleted_conversation_is_gone(
    owner: Actor, expect: Expect, lists: Lists, deletable_id: str, run: Run
) -> None:
    """A message goes when it is deleted, then its conversation does: not read, not listed."""
    asked = await lists.rows(owner, MESSAGES, {"role": "user"}, conversation_id=deletable_id)
    expect.that("the question among the messages", bool(asked))
    first = str(asked[0]["message_id"])
    run.own(DELETE_MESSAGE, {"conversation_id": deletable_id, "message_id": first})
    expect(await owner.call(DELETE_MESSAGE, conversation_id=deletable_id, message_id=first))
    left = expect(await owner.call(MESSAGES, conversation_id=deletable_id))
    left.lacks("/items/*/message_id", first)
    await lists.row(owner, LIST, {"conversation_id": deletable_id})
    expect(await owner.call(f"GET {ONE}", conversation_id=deletable_id))
    expect(await owner.call(f"DELETE {ONE}", conversation_id=deletable_id))
    expect(await owner.call(f"GET {ONE}", conversation_id=deletable_id), 404)
    await lists.lack(owner, LIST, {"conversation_id": deletable_id})
