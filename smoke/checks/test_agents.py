"""Agents: listed, found by a search, and known one by one."""

from smoke import Actor, Answer, Expect, Lists, exercises
from smoke.checks.conftest import AGENTS

STATUS = "GET /api/v1/agents/{agent_name}/status"


@exercises(AGENTS, STATUS)
async def test_agents_are_listed_and_known(
    viewer: Actor, expect: Expect, lists: Lists, agent_pages: list[Answer]
) -> None:
    """The list has each agent once, and the status of an agent agrees with its row."""
    rows, page = lists.rows_of(agent_pages), agent_pages[-1]
    names = [row["name"] for row in rows]
    page.that("at least one agent", bool(names))
    page.that("each agent once", len(set(names)) == len(names), names)
    for row in rows[:2]:
        status = expect(await viewer.call(STATUS, agent_name=row["name"]))
        status.holds("/name", row["name"]).holds("/status", row["status"])


@exercises(AGENTS)
async def test_search_selects_agents(
    viewer: Actor, expect: Expect, lists: Lists, agent_pages: list[Answer]
) -> None:
    """A search finds the agents that have the word, and counts only those."""
    names = [row["name"] for row in lists.rows_of(agent_pages)]
    agent_pages[-1].that("at least one agent", bool(names))
    page = expect(await viewer.call(AGENTS, query={"search": names[0]}))
    page.lists("/items/*/name", names[0])
    nothing = expect(await viewer.call(AGENTS, query={"search": f"{names[0]}-no-such-agent"}))
    found = nothing.values("/items/*/name")
    nothing.that("no agent for a word that none has", not found, found)
    nothing.holds("/total", 0)


async def test_unknown_agent_is_not_found(viewer: Actor, expect: Expect) -> None:
    """An agent that does not exist is not found."""
    expect(await viewer.call(STATUS, agent_name="smoke-no-such-agent"), 404, unknown=True)
