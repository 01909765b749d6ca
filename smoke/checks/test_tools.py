"""Tools: the catalogue agrees with itself."""

from smoke import Actor, Expect, exercises

TOOLS = "GET /api/v1/tools"


@exercises(TOOLS)
async def test_tools_are_counted(viewer: Actor, expect: Expect) -> None:
    """Each tool is named once, and no more tools are named than are counted."""
    tools = expect(await viewer.call(TOOLS))
    names = tools.json.get("tool_names", [])
    tools.that("each tool once", len(set(names)) == len(names), names)
    tools.that("no more names than tools", len(names) <= tools.value("/total_tools"), len(names))
