"""Tenants: they know their members, and keep their settings without losing a change."""

import json
import re
from collections.abc import Callable
from typing import Any

from smoke import Actor, Answer, Expect, Lists, Run, World, exercises
from smoke.checks.accounts import LIST_MEMBERS as MEMBERS
from smoke.checks.answered import answered
from smoke.checks.conftest import PLAIN
from smoke.checks.shared_field import TRIES, SharedField

ACCOUNT = "/api/v1/tenants/account"
SETTINGS = "/api/v1/tenants/settings"
KEPT = ("billing_contacts", "billing_webhook_url", "plan_metadata", "flags")
Change = Callable[[dict[str, Any]], Any]
# A mark by flag and by metadata: a write must replace both, and not add to what was there.
MARKS = {"flags": True, "plan_metadata": "smoke"}
# Roles that may do everything in a tenant; an account given from outside may have either.
OWNERS = ("owner", "admin")
# Names that a run gives for a moment.
OF_A_RUN = re.compile("Smoke [0-9a-f]+")


@exercises(MEMBERS)
async def test_members_have_their_roles(
    owner: Actor, member: Actor, viewer: Actor, expect: Expect, lists: Lists
) -> None:
    """Owner, member and viewer are listed with the role each has."""
    wanted = {owner: OWNERS, member: ("member",), viewer: ("viewer",)}
    ids = {actor: (await actor.session()).answer["user_id"] for actor in wanted}

    def shows(rows: list[dict[str, Any]]) -> bool:
        return set(ids.values()) <= {row["user_id"] for row in rows}

    members = await lists.until(owner, MEMBERS, shows)
    for actor, roles in wanted.items():
        rows = [row for row in members if row["user_id"] == ids[actor]]
        expect.that(f"{actor.name} listed once", len(rows) == 1, len(rows))
        expect.that(f"{actor.name} as {' or '.join(roles)}", rows[0]["role"] in roles, rows)
        expect.that("its own address", rows[0]["email"] == actor.account.email, rows)


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

    before = await read()
    await SharedField(read, "/name").write(f"Smoke {run.id}", write, before)
    name = before.json["name"]
    await write("Smoke" if OF_A_RUN.fullmatch(name) else name)


@exercises(f"GET {SETTINGS}", f"PUT {SETTINGS}")
async def test_settings_keep_a_change(
    owner: Actor, outsider: Actor, expect: Expect, run: Run
) -> None:
    """A change is read back in its own tenant only; taken back, it is gone."""
    mark = f"smoke_{run.id}"

    granted = f"feature.{mark}"

    def marked(body: dict[str, Any]) -> None:
        body.update({name: {**(body.get(name) or {}), mark: MARKS[name]} for name in MARKS})
        body["flags"][granted] = True

    def unmarked(body: dict[str, Any]) -> None:
        for name in MARKS:
            body[name].pop(mark)
        body["flags"].pop(granted, None)

    changed = await _change(owner, expect, marked)
    read = expect(await owner.call(f"GET {SETTINGS}", headers=PLAIN))
    for answer in (changed, read):
        for name, value in MARKS.items():
            answer.holds(f"/{name}/{mark}", value)
        answer.that("no feature that a tenant gives itself", granted not in answer.json["flags"])
    theirs = expect(await outsider.call(f"GET {SETTINGS}"))
    theirs.that("no setting of another tenant", mark not in theirs.exchange.text)
    restored = await _change(owner, expect, unmarked, read)
    # The first change of a new tenant only makes the settings: the second one must count as well.
    await _must_be_too_old(owner, expect, restored)
    read = expect(await owner.call(f"GET {SETTINGS}"))
    for answer in (restored, read):
        for name in MARKS:
            answer.that("the change taken back", mark not in answer.json[name], answer.json[name])


async def _change(
    owner: Actor, expect: Expect, change: Change, current: Answer | None = None
) -> Answer:
    """
    Change the settings with the version just read, which may be `current`.

    Another run may get ahead a few times.
    """
    for _ in range(TRIES):
        current = current or expect(await owner.call(f"GET {SETTINGS}", headers=PLAIN))
        body = {key: current.json[key] for key in KEPT if current.json.get(key) is not None}
        change(body)
        version = {"If-Match": current.exchange.headers.get("etag", "")}
        current.that("an ETag", bool(version["If-Match"]))
        exchange = await owner.call(f"PUT {SETTINGS}", json=body, headers=version)
        if exchange.status != 409:
            break
        current = None
    return expect(exchange)


async def _must_be_too_old(owner: Actor, expect: Expect, changed: Answer) -> None:
    """Expect a second change with the same version to be refused."""
    version = {"If-Match": changed.exchange.request_headers["if-match"]}
    body = json.loads(changed.exchange.request_body)
    expect(await owner.call(f"PUT {SETTINGS}", json=body, headers=version), 409)


async def test_settings_lose_no_change(owner: Actor, expect: Expect) -> None:
    """A change without a version is refused with 428, and changes nothing."""
    current = expect(await answered(owner, f"GET {SETTINGS}"))
    body = {key: current.json[key] for key in KEPT if current.json.get(key) is not None}
    expect(await owner.call(f"PUT {SETTINGS}", json=body), 428)
    after = expect(await owner.call(f"GET {SETTINGS}"))
    missing = [flag for flag in current.json["flags"] if flag not in after.json["flags"]]
    after.that("no flag lost", all(flag.startswith("smoke_") for flag in missing), missing)
