"""Containers: bound to agents by admins of their own tenant, and by no other user."""

from uuid import uuid4

from smoke import Actor, Expect, Run, exercises, together
from smoke.checks.things import CONTAINER, EACH_KIND_APART, Things

BIND = "POST /api/v1/containers/agents/{agent_key}/container"
UNBIND = "DELETE /api/v1/containers/agents/{agent_key}/container"

pytestmark = [EACH_KIND_APART, CONTAINER.alone]


@exercises(BIND, UNBIND)
async def test_container_is_bound_by_admins(
    owner: Actor, viewer: Actor, outsider: Actor, expect: Expect, run: Run, things: Things
) -> None:
    """
    An admin binds a container of the tenant to an agent, and releases it as often as wanted.

    The agent's key is the run's own, since it is not checked: no real agent is given a container.
    """
    agent, body = f"smoke-agent-{run.id}", await things.path_of(CONTAINER)
    unknown = {"container_id": str(uuid4())}
    by_viewer, by_outsider, to_nothing = await together(
        [
            viewer.call(BIND, json=body, agent_key=agent),
            outsider.call(BIND, json=body, agent_key=agent),
            owner.call(BIND, json=unknown, agent_key=agent),
        ]
    )
    expect(by_viewer, 403)
    expect(by_outsider, 400, 403, 404)
    expect(to_nothing, 400, 404)
    expect(await owner.call(BIND, json=body, agent_key=agent))
    run.own(UNBIND, {"agent_key": agent})
    for _ in range(2):
        expect(await owner.call(UNBIND, agent_key=agent))
