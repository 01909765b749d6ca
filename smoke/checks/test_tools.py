"""Tools: the catalogue agrees with itself."""

from smoke import Actor, Expect, exercises

TOOLS = "GET /api/v1/tools"


@exercises(TOOLS)
async def test_tools_are_counted(viewer: Actor, expect: Expect) -> None:
    """Each tool is named once, those of each agent too, and no more are named than counted."""
    tools = expect(await viewer.call(TOOLS))
    names = tools.json.get("tool_names", [])
    tools.that("each tool once", len(set(names)) == len(names), names)
    of_agents = set[str]().union(*tools.json.get("per_agent", {}).values())
    tools.that("the tools of each agent", not names or of_agents <= set(names), of_agents)
    tools.that("no more names than tools", len(names) <= tools.value("/total_tools"), len(names))
