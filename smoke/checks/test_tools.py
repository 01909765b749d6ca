"""Is the catalogue of tools one?"""

from smoke.auth import Actor
from smoke.checks import exercises
from smoke.expect import Expect

TOOLS = "GET /api/v1/tools"


@exercises(TOOLS)
async def test_tools_are_counted(viewer: Actor, expect: Expect) -> None:
    """The number of tools is how many are named, each once."""
    tools = expect(await viewer.call(TOOLS))
    names = tools.json.get("tool_names", [])
    tools.holds("/total_tools", len(names))
    tools.that("each tool once", len(set(names)) == len(names), names)
