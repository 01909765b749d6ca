"""May a container be used by its own tenant's agents, and by nobody else's?"""

from uuid import uuid4

from smoke import Actor, Cleanup, Expect, Lists, Run, exercises, together
from smoke.checks.quotas import within_quota

CREATE = "POST /api/v1/containers"
LIST = "GET /api/v1/containers"
DELETE = "DELETE /api/v1/containers/{container_id}"
BIND = "POST /api/v1/containers/agents/{agent_key}/container"
UNBIND = "DELETE /api/v1/containers/agents/{agent_key}/container"


@exercises(BIND, UNBIND)
async def test_container_is_bound_by_its_own_admins(
    owner: Actor,
    viewer: Actor,
    outsider: Actor,
    expect: Expect,
    run: Run,
    cleanup: Cleanup,
    lists: Lists,
) -> None:
    """An admin binds a container of the tenant to an agent; nobody else does, nothing else is.

    The agent's key is the run's own, since it is not checked: no real agent is given a container.
    """
    made = await owner.call(CREATE, json={"name": f"smoke-{run.id}-bound"})
    container_id = str(expect(await within_quota(made, owner, LIST, lists)).value("/id"))
    cleanup(owner, DELETE, container_id=container_id)
    agent, body = f"smoke-agent-{run.id}", {"container_id": container_id}
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
    for _ in range(2):
        expect(await owner.call(UNBIND, agent_key=agent))
