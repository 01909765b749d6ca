"""What the checks of api-service share: things that seeding made, accounts, and reading lists."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import pytest
import pytest_asyncio

from smoke import Actor, Answer, Caller, Cleanup, Exchange, Expect, Lists, Run, World
from smoke.checks.accounts import (
    DISABLE,
    LIST_MEMBERS,
    REMOVE,
    MemberAccount,
    accept_invite,
    disable,
    give_back,
    must_be_writable,
    named,
    new_password,
    reset,
    secret,
)
from smoke.checks.chats import chat, chat_detail, chat_id, chosen_agent
from smoke.checks.founding import Founder, founder_for_checks
from smoke.checks.pool import Slot, claim, tenant_for_checks, uses_again
from smoke.checks.stored_text import TextStore
from smoke.checks.things import Things
from smoke.checks.traced_upload import upload

HEALTH = "GET /health"
JWKS = "GET /.well-known/jwks.json"
AGENTS = "GET /api/v1/agents"
WORKFLOWS = "GET /api/v1/workflows"
FEATURES = "GET /api/v1/features"
PLANS = "GET /api/v1/billing/plans"
CONVERSATIONS = "GET /api/v1/conversations"
SEARCH = "GET /api/v1/conversations/search"
CONVERSATION = "GET /api/v1/conversations/{conversation_id}"
DELETE_CONVERSATION = "DELETE /api/v1/conversations/{conversation_id}"
# How often the key set is read: a rotation may fall between two readings, but not between three.
KEY_READINGS = 3
# A proxy that compresses an answer changes its ETag.
PLAIN = {"Accept-Encoding": "identity"}

# Names that pytest looks for: fixtures of other modules.
__all__ = ["chat", "chat_detail", "chat_id", "chosen_agent", "upload"]

MailToken = Callable[[str, str], Awaitable[str]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let checks that use the names of one slot run beside each other: the names do not change."""
    for item in items:
        item.add_marker(pytest.mark.beside("slot"))


# A read that several checks look at is sent once in a run, by one of the fixtures below. Each check
# states its own expectations of the answer, so that a failure names the check.


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def health(anonymous: Caller) -> Exchange:
    """A reading of the service's health."""
    return await anonymous.call(HEALTH)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def health_again(anonymous: Caller) -> Exchange:
    """A second reading of the service's health."""
    return await anonymous.call(HEALTH)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def key_sets(anonymous: Caller) -> tuple[Exchange, ...]:
    """Readings of the key set, one after the other, uncompressed."""
    return tuple([await anonymous.call(JWKS, headers=PLAIN) for _ in range(KEY_READINGS)])


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def agent_pages(owner: Actor, lists: Lists) -> list[Answer]:
    """The list of agents, as it is later read in small pages."""
    return await lists.pages(owner, AGENTS, {})


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def workflow_pages(owner: Actor, lists: Lists) -> list[Answer]:
    """The list of workflows, as it is later read in small pages."""
    return await lists.pages(owner, WORKFLOWS, {})


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def features(viewer: Actor) -> Exchange:
    """The features that the service says it has."""
    return await viewer.call(FEATURES)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def plans(anonymous: Caller) -> Exchange:
    """The plans that are on sale, which are public."""
    return await anonymous.call(PLANS)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def outsider_members(outsider: Actor) -> Exchange:
    """The members of the other tenant, read by its owner."""
    return await outsider.call(LIST_MEMBERS, query={"limit": 200})


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def conversation(world: World, viewer: Actor, expect: Expect, run: Run) -> Answer:
    """The conversation that seeding made for this run, with a question and an answer."""
    return await _shown(world["conversation_id"], viewer, expect, run)


@pytest.fixture(scope="session")
def conversation_id(conversation: Answer) -> str:
    """The id by which lists name the conversation that seeding made for this run."""
    return str(conversation.value("/conversation_id"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def conversation_pages(viewer: Actor, lists: Lists, conversation_id: str) -> list[Answer]:
    """The list of conversations, up to the seeded one."""
    return await lists.pages(viewer, CONVERSATIONS, {"conversation_id": conversation_id})


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def found_pages(
    viewer: Actor, lists: Lists, conversation_id: str, unique_word: str
) -> list[Answer]:
    """What a search for the word of the seeded conversation finds."""
    row = {"conversation_id": conversation_id}
    return await lists.pages(viewer, SEARCH, row, q=unique_word)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def deletable(world: World, viewer: Actor, expect: Expect, run: Run) -> Answer:
    """A conversation that seeding made for this run, to be deleted by a check."""
    return await _shown(world["scrap_conversation_id"], viewer, expect, run)


@pytest.fixture(scope="session")
def question_id(world: World) -> str:
    """
    A conversation that seeding made for this run, with a question that a check deletes.

    It is the id of the answer to seeding: only paths need it, and those take both forms.
    """
    return str(world["third_conversation_id"])


async def _shown(seeded_id: str, viewer: Actor, expect: Expect, run: Run) -> Answer:
    """
    Return the detail of a seeded conversation, read by the id of the answer to seeding.

    That answer may name a conversation in another form than lists and details do; paths take both.
    What is looked for in a list must be written as the service writes it there.
    """
    detail = expect(await viewer.call(CONVERSATION, conversation_id=seeded_id))
    shown = str(detail.value("/conversation_id"))
    # The run's id in its messages proves that the other name is of what this run seeded.
    if any(run.id in str(text) for text in detail.values("/messages/*/content")):
        run.own(DELETE_CONVERSATION, {"conversation_id": shown})
    return detail


@pytest.fixture(scope="session")
def unique_word(conversation_id: str, run: Run) -> str:
    """A word that stands in the question of the seeded conversation and nowhere else."""
    assert conversation_id
    return f"order-{run.id}"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def slot(
    world: World, actor: Callable[[str], Actor], anonymous: Caller, expect: Expect,
    lists: Lists, options: Mapping[str, Any], session_cleanup: Cleanup,
) -> Slot:  # fmt: skip
    """The names of what this run cannot delete: those of a slot of the pool, or its own."""
    # Without the fixtures endpoint an account that was disabled stays so.
    if not uses_again(options, anonymous) or "tenant_id" not in world:
        return Slot(anonymous.client.run.id)
    return await claim(actor("owner"), anonymous, expect, lists, session_cleanup)


@pytest.fixture(scope="session")
def account_tenant(slot: Slot, request: pytest.FixtureRequest) -> Answer | None:
    """The tenant in which an account of an earlier run is reset; None for a new account."""
    tenant: Answer | None = None if slot.is_new else request.getfixturevalue("temporary_tenant")
    return tenant


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def account(
    slot: Slot, account_tenant: Answer | None, actor: Callable[[str], Actor], anonymous: Caller,
    expect: Expect, run: Run, session_cleanup: Cleanup,
) -> AsyncIterator[MemberAccount]:  # fmt: skip
    """A member account; checks undo what they do with it. At the end no user can enter it."""
    account = slot.account
    if account is None:
        owner = actor("owner")
        must_be_writable(owner, "account")
        account = MemberAccount(anonymous, slot.address("member"), new_password(run))
        account.joined = await accept_invite(account, owner, expect)
        expect(account.joined)
        session_cleanup(owner, REMOVE, user_id=account.user_id)
    elif account_tenant is not None:
        await reset(account, "admin", named(account_tenant), expect)
        account.tenant_id = str((await actor("owner").session()).answer["tenant_id"])
        await account.enter(str(account_tenant.value("/id")), expect)
    run.own(DISABLE, {}, account.name)
    yield account
    await (give_back(account) if account.is_pooled else disable(account))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def temporary_tenant(
    slot: Slot, operator: Actor, expect: Expect, lists: Lists, session_cleanup: Cleanup
) -> Answer:
    """The answer that shows a tenant which checks may change, suspend and bill."""
    return await tenant_for_checks(slot, operator, expect, lists, session_cleanup)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def tenant_admin(
    temporary_tenant: Answer, account: MemberAccount, slot: Slot, world: World, expect: Expect
) -> Caller:
    """The account as an admin of the temporary tenant, where only seeding can put it."""
    assert world["tenant_id"]
    tenant_id = str(temporary_tenant.value("/id"))
    if slot.is_new:
        made = await reset(account, "admin", named(temporary_tenant), expect)
        made.holds(f"/tenants/{temporary_tenant.value('/slug')}/tenant_id", tenant_id)
        account.refresh = ""  # a reset by seeding may have ended its session
        await account.enter(tenant_id, expect)
    return account.caller.bearing(account.access_elsewhere)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def founder(
    slot: Slot, operator: Actor, anonymous: Caller, expect: Expect, lists: Lists,
    session_cleanup: Cleanup,
) -> Founder:  # fmt: skip
    """An account that registered with a tenant of its own, invited where the policy asks for it."""
    return await founder_for_checks(slot, operator, anonymous, expect, lists, session_cleanup)


@pytest.fixture(scope="session")
def mail_token(world: World, anonymous: Caller, expect: Expect, run: Run) -> MailToken:
    """Gives the token that the service would send by mail; only a seeded target hands it out."""
    assert world["tenant_id"]

    async def token(operation: str, email: str) -> str:
        answer = expect(await anonymous.call(operation, json={"email": email}))
        return secret(run, answer.value("/token"))

    return token


@pytest.fixture(scope="session")
def things(
    owner: Actor, expect: Expect, run: Run, lists: Lists, session_cleanup: Cleanup
) -> Things:
    """One vector store, one container and one stored object of this run, each when first needed."""
    return Things(owner, expect, run, lists, session_cleanup)


@pytest.fixture(scope="session")
def text_store(
    owner: Actor,
    expect: Expect,
    run: Run,
    things: Things,
    session_cleanup: Cleanup,
    options: Mapping[str, Any],
) -> TextStore:
    """The run's vector store, with a text in it when first needed."""
    return TextStore(owner, expect, run, things, session_cleanup, options)
