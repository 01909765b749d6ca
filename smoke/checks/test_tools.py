"""Is the catalogue of tools one?"""

from smoke import Actor, Expect, exercises

TOOLS = "GET /api/v1/tools"


@exercises(TOOLS)
async def test_tools_are_counted(viewer: Actor, expect: Expect) -> None:
    """No more tools are named than there are."""
    tools = expect(await viewer.call(TOOLS))
    names = set(tools.json.get("tool_names", []))
    tools.that("as many tools as are named, or more", len(names) <= tools.value("/total_tools"))
