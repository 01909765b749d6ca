"""Tenants: they know their members, and keep their settings without losing a change."""

import re
from collections.abc import Callable

from smoke import Actor, Answer, Expect, Lists, Run, World, exercises
from smoke.checks.conftest import TRIES, SharedField

MEMBERS = "GET /api/v1/tenants/members"
ACCOUNT = "/api/v1/tenants/account"
SETTINGS = "/api/v1/tenants/settings"
# A proxy that compresses an answer makes another ETag of it.
PLAIN = {"Accept-Encoding": "identity"}
KEPT = ("billing_contacts", "billing_webhook_url", "plan_metadata", "flags")
Flags = Callable[[dict[str, bool]], dict[str, bool]]
# Roles that may do everything in a tenant; an account given from outside may have either.
OWNERS = ("owner", "admin")
# Names that a run gives for a moment.
OF_A_RUN = re.compile("Smoke [0-9a-f]+")


@exercises(MEMBERS)
async def test_members_have_their_roles(
    owner: Actor, member: Actor, viewer: Actor, expect: Expect, lists: Lists
) -> None:
    """Owner, member and viewer are listed with the role each has."""
    for actor, roles in ((owner, OWNERS), (member, ("member",)), (viewer, ("viewer",))):
        who = {"user_id": (await actor.session()).answer["user_id"]}
        row = await lists.row(owner, MEMBERS, who)
        expect.that(f"{actor.name} as {' or '.join(roles)}", row["role"] in roles, row)
        expect.that("its own address", row["email"] == actor.account.email, row)


async def test_members_are_for_admins(viewer: Actor, expect: Expect) -> None:
    """A viewer may not list the members."""
    expect(await viewer.call(MEMBERS), 403)


@exercises(f"GET {ACCOUNT}", f"PATCH {ACCOUNT}")
async def test_account_name_is_kept(owner: Actor, expect: Expect, run: Run, world: World) -> None:
    """
    A new name of the tenant is read back; then the name from before is put back.

    Only a tenant of smoke runs is renamed: with two runs at once the name from before is lost.
    """
    assert world["tenant_id"]

    async def read() -> Answer:
        return expect(await owner.call(f"GET {ACCOUNT}"))

    async def write(name: str) -> Answer:
        return expect(await owner.call(f"PATCH {ACCOUNT}", json={"name": name}))

    before = (await read()).json["name"]
    await SharedField(read, "/name").write(f"Smoke {run.id}", write)
    await write("Smoke" if OF_A_RUN.fullmatch(before) else before)


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
    """
    Change the flags with the version just read, which is then too old to be used again.

    Another run may get ahead a few times.
    """
    for _ in range(TRIES):
        current = expect(await owner.call(f"GET {SETTINGS}", headers=PLAIN))
        body = {key: current.json[key] for key in KEPT if current.json.get(key) is not None}
        body["flags"] = flags(current.json["flags"])
        version = {"If-Match": current.exchange.headers.get("etag", "")}
        current.that("an ETag", bool(version["If-Match"]))
        exchange = await owner.call(f"PUT {SETTINGS}", json=body, headers=version)
        if exchange.status != 409:
            break
    changed = expect(exchange)
    expect(await owner.call(f"PUT {SETTINGS}", json=body, headers=version), 409)
    return changed


async def test_settings_lose_no_change(owner: Actor, expect: Expect) -> None:
    """A change without a version is refused with 428, one with a stale version with 409."""
    current = expect(await owner.call(f"GET {SETTINGS}"))
    body = {key: current.json[key] for key in KEPT if current.json.get(key) is not None}
    expect(await owner.call(f"PUT {SETTINGS}", json=body), 428)
    if current.json["version"] > 0:
        stale = {"If-Match": f'"{current.json["version"] - 1}"'}
        expect(await owner.call(f"PUT {SETTINGS}", json=body, headers=stale), 409)
    after = expect(await owner.call(f"GET {SETTINGS}"))
    missing = [flag for flag in current.json["flags"] if flag not in after.json["flags"]]
    after.that("no flag lost", all(flag.startswith("smoke_") for flag in missing), missing)
