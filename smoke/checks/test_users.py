"""Does the service know its users, and keep what they say of themselves?"""

from smoke.auth import Actor, Caller
from smoke.checks import exercises
from smoke.checks.conftest import Lasting
from smoke.expect import Answer, Expect
from smoke.run import Run

ME = "GET /api/v1/users/me"
PROFILE = "PATCH /api/v1/users/me/profile"


@exercises(ME)
async def test_each_actor_is_itself(member: Actor, viewer: Actor, expect: Expect) -> None:
    """Each user reads its own e-mail, tenant and role, and nobody else's."""
    for actor, role in ((member, "member"), (viewer, "viewer")):
        me = expect(await actor.call(ME))
        me.holds("/data/email", actor.account.email).holds("/data/role", role)
        me.holds("/data/user_id", (await actor.session()).answer["user_id"])


@exercises(PROFILE)
async def test_profile_is_kept(member: Actor, expect: Expect, run: Run) -> None:
    """A new name is read back; then the name from before is put back."""

    async def read() -> Answer:
        return expect(await member.call(ME))

    async def write(name: str | None) -> Answer:
        return expect(await member.call(PROFILE, json={"given_name": name}))

    before = (await read()).json["data"].get("given_name")
    await Lasting(read, "/data/given_name").written(f"Smoke {run.id}", write)
    await write(before if before and not before.startswith("Smoke ") else "Smoke")


async def test_nobody_is_nobody(anonymous: Caller, expect: Expect) -> None:
    """Without a token there is no user to read."""
    expect(await anonymous.call(ME), 401)
