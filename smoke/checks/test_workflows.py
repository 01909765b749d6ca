"""Are the workflows there, and can each be looked up?"""

from smoke import Actor, Expect, Lists, exercises

LIST = "GET /api/v1/workflows"
DETAIL = "GET /api/v1/workflows/{workflow_key}"
RUNS = "GET /api/v1/workflows/runs"


@exercises(LIST, DETAIL)
async def test_workflows_are_listed_and_known(viewer: Actor, expect: Expect, lists: Lists) -> None:
    """The list names workflows, each once, and the detail of each says the same of it."""
    rows = await lists.all(viewer, LIST)
    keys = [row["key"] for row in rows]
    expect.that("at least one workflow", bool(keys))
    expect.that("each workflow once", len(set(keys)) == len(keys), keys)
    for row in rows[:3]:
        detail = expect(await viewer.call(DETAIL, workflow_key=row["key"]))
        detail.holds("/key", row["key"]).holds("/step_count", row["step_count"])


@exercises(RUNS)
async def test_runs_are_listed(viewer: Actor, expect: Expect) -> None:
    """The runs of the tenant are listed, each once."""
    runs = expect(await viewer.call(RUNS))
    ids = runs.values("/items/*/workflow_run_id")
    runs.that("each run once", len(set(ids)) == len(ids))


async def test_unknown_workflow_is_not_found(viewer: Actor, expect: Expect) -> None:
    """A workflow nobody made is not found."""
    expect(await viewer.call(DETAIL, workflow_key="smoke-no-such-workflow"), 404, unknown=True)
