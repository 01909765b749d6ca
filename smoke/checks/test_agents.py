"""Are the agents there, and can each be asked about?"""

from smoke import Actor, Expect, Lists, exercises

LIST = "GET /api/v1/agents"
STATUS = "GET /api/v1/agents/{agent_name}/status"


@exercises(LIST, STATUS)
async def test_agents_are_listed_and_known(viewer: Actor, expect: Expect, lists: Lists) -> None:
    """The list names agents, each once, and the status of each is its own."""
    names = [agent["name"] for agent in await lists.all(viewer, LIST)]
    expect.that("at least one agent", bool(names))
    expect.that("each agent once", len(set(names)) == len(names), names)
    for name in names[:3]:
        status = expect(await viewer.call(STATUS, agent_name=name))
        status.holds("/name", name)


async def test_unknown_agent_is_not_found(viewer: Actor, expect: Expect) -> None:
    """An agent nobody made is not found."""
    expect(await viewer.call(STATUS, agent_name="smoke-no-such-agent"), 404, unknown=True)
