"""Tenancy: each tenant sees its own, and each role does only what it may."""

from smoke import Actor, Answer, Caller, Exchange, Expect, Lists, World, together
from smoke.checks.conftest import SEARCH

LIST = "GET /api/v1/conversations"
DETAIL = "GET /api/v1/conversations/{conversation_id}"
DELETE = "DELETE /api/v1/conversations/{conversation_id}"
RENAME = "PATCH /api/v1/conversations/{conversation_id}/title"
SETTINGS = "GET /api/v1/tenants/settings"
# Lists with rows that name their tenant, and where the rows stand.
OF_ONE_TENANT = {
    "GET /api/v1/tenants/invites": "/invites",
    "GET /api/v1/activity": "/items",
}


async def test_anonymous_caller_is_refused(anonymous: Caller, expect: Expect) -> None:
    """Without a token, a tenant's conversations are refused."""
    expect(await anonymous.call(LIST), 401, 403)


async def test_other_tenant_cannot_read(
    outsider: Actor, expect: Expect, conversation: Answer, world: World
) -> None:
    """A conversation of one tenant cannot be read by the owner of another."""
    expect(conversation.exchange)
    # By the id that names it everywhere: another form may mean another thing in each tenant.
    seeded_id = world["conversation_id"]
    expect(await outsider.call(DETAIL, conversation_id=seeded_id), 403, 404)


async def test_other_tenant_does_not_find(
    outsider: Actor,
    expect: Expect,
    lists: Lists,
    conversation_pages: list[Answer],
    found_pages: list[Answer],
    conversation_id: str,
    unique_word: str,
) -> None:
    """A conversation of one tenant is neither listed for another nor found by its words."""
    row = {"conversation_id": conversation_id}
    lists.row_of(conversation_pages, row)
    lists.rows_of(found_pages)
    await lists.lack(outsider, LIST, row)
    found = expect(await outsider.call(SEARCH, query={"q": unique_word}))
    found.lacks("/items/*/conversation_id", conversation_id)


async def test_lists_are_of_one_tenant(
    outsider: Actor, outsider_members: Exchange, expect: Expect
) -> None:
    """Members, invites and activity of a tenant have rows of this tenant only."""
    tenant_id = str((await outsider.session()).answer["tenant_id"])
    read = {"/members": outsider_members}
    read |= {rows: await outsider.call(operation) for operation, rows in OF_ONE_TENANT.items()}
    for rows, exchange in read.items():
        listed = expect(exchange)
        tenants = set(listed.values(f"{rows}/*/tenant_id"))
        listed.that("rows of this tenant only", tenants <= {tenant_id}, tenants)


async def test_viewer_cannot_write(
    viewer: Actor, member: Actor, expect: Expect, conversation_id: str
) -> None:
    """A viewer can neither rename nor delete a conversation; a member cannot delete it."""
    title = {"display_name": "a viewer was here"}
    calls = [
        viewer.call(RENAME, json=title, conversation_id=conversation_id),
        viewer.call(DELETE, conversation_id=conversation_id),
        member.call(DELETE, conversation_id=conversation_id),
    ]
    for exchange in await together(calls):
        expect(exchange, 403)
    after = expect(await viewer.call(DETAIL, conversation_id=conversation_id))
    after.that("another title", after.json.get("display_name") != title["display_name"])


async def test_tenant_header_must_match_the_token(
    owner: Actor, outsider: Actor, expect: Expect
) -> None:
    """The header X-Tenant-Id may repeat the token's tenant, and nothing else."""
    own = str((await owner.session()).answer["tenant_id"])
    other = str((await outsider.session()).answer["tenant_id"])
    settings = expect(await owner.call(SETTINGS, headers={"X-Tenant-Id": own}))
    settings.holds("/tenant_id", own)
    expect(await owner.call(SETTINGS, headers={"X-Tenant-Id": other}), 403)


async def test_role_header_only_lowers(owner: Actor, viewer: Actor, expect: Expect) -> None:
    """The header X-Tenant-Role takes rights away for one request, and never gives any."""
    lowered, lifted, as_admin = await together(
        [
            owner.call(SETTINGS, headers={"X-Tenant-Role": "viewer"}),
            viewer.call(SETTINGS, headers={"X-Tenant-Role": "owner"}),
            owner.call(SETTINGS, headers={"X-Tenant-Role": "admin"}),
        ]
    )
    expect(lowered, 403)
    expect(lifted, 403)
    expect(as_admin)
