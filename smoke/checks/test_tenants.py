"""Does a tenant know its members, and keep its settings without losing a change?"""

from collections.abc import Callable

from smoke.auth import Actor
from smoke.checks import exercises
from smoke.checks.conftest import Lasting, ReadAll
from smoke.expect import Answer, Expect
from smoke.run import Run

MEMBERS = "GET /api/v1/tenants/members"
ACCOUNT = "/api/v1/tenants/account"
SETTINGS = "/api/v1/tenants/settings"
KEPT = ("billing_contacts", "billing_webhook_url", "plan_metadata", "flags")
Flags = Callable[[dict[str, bool]], dict[str, bool]]
TRIES = 4
"""How often a change is tried that another run got ahead of."""


@exercises(MEMBERS)
async def test_members_have_their_roles(
    owner: Actor, member: Actor, viewer: Actor, expect: Expect, read_all: ReadAll
) -> None:
    """Owner, member and viewer are listed with the role each was given."""
    rows = await read_all(owner, MEMBERS, "/members")
    roles = {row["email"]: row["role"] for row in rows}
    for actor, role in ((owner, "owner"), (member, "member"), (viewer, "viewer")):
        found = roles.get(actor.account.email)
        expect.that(f"{actor.name} listed as {role}", found == role, found)


async def test_members_are_for_admins(viewer: Actor, expect: Expect) -> None:
    """A viewer may not list the members."""
    expect(await viewer.call(MEMBERS), 403)


@exercises(f"GET {ACCOUNT}", f"PATCH {ACCOUNT}")
async def test_account_name_is_kept(owner: Actor, expect: Expect, run: Run) -> None:
    """A new name of the tenant is read back; then the name from before is put back."""

    async def read() -> Answer:
        return expect(await owner.call(f"GET {ACCOUNT}"))

    async def write(name: str) -> Answer:
        return expect(await owner.call(f"PATCH {ACCOUNT}", json={"name": name}))

    before = (await read()).json["name"]
    await Lasting(read, "/name").written(f"Smoke {run.id}", write)
    await write("Smoke" if before.startswith("Smoke ") else before)


@exercises(f"GET {SETTINGS}", f"PUT {SETTINGS}")
async def test_settings_keep_a_change(owner: Actor, expect: Expect, run: Run) -> None:
    """A change made with the current version is read back; taken back, it is gone."""
    flag = f"smoke_{run.id}"
    changed = await _change(owner, expect, lambda flags: {**flags, flag: True})
    changed.holds(f"/flags/{flag}", True)
    read = expect(await owner.call(f"GET {SETTINGS}"))
    read.holds(f"/flags/{flag}", True)
    restored = await _change(
        owner, expect, lambda flags: {name: on for name, on in flags.items() if name != flag}
    )
    restored.that("the change taken back", flag not in restored.json["flags"])
    read = expect(await owner.call(f"GET {SETTINGS}"))
    read.that("the change gone", flag not in read.json["flags"], read.json["flags"])


async def _change(owner: Actor, expect: Expect, flags: Flags) -> Answer:
    """Change the flags with the version just read, which is then too old to be used again.

    Another run may get ahead a few times.
    """
    for _ in range(TRIES):
        current = expect(await owner.call(f"GET {SETTINGS}"))
        body = {key: current.json[key] for key in KEPT if current.json.get(key) is not None}
        body["flags"] = flags(current.json["flags"])
        etag = current.exchange.headers.get("etag", "")
        current.that("an ETag", bool(etag))
        exchange = await owner.call(f"PUT {SETTINGS}", json=body, headers={"If-Match": etag})
        if exchange.status != 409:
            break
    changed = expect(exchange)
    expect(await owner.call(f"PUT {SETTINGS}", json=body, headers={"If-Match": etag}), 409)
    return changed


async def test_settings_lose_no_change(owner: Actor, expect: Expect) -> None:
    """A change without a version is refused with 428, one with a stale version with 409."""
    current = expect(await owner.call(f"GET {SETTINGS}"))
    body = {key: current.json[key] for key in KEPT if current.json.get(key) is not None}
    expect(await owner.call(f"PUT {SETTINGS}", json=body), 428)
    stale = {"If-Match": '"999999999"'}
    expect(await owner.call(f"PUT {SETTINGS}", json=body, headers=stale), 409)
    after = expect(await owner.call(f"GET {SETTINGS}"))
    missing = [flag for flag in current.json["flags"] if flag not in after.json["flags"]]
    after.that("no flag lost", all(flag.startswith("smoke_") for flag in missing), missing)
