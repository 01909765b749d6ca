"""Workflows: listed, found by a search, and known one by one."""

from smoke import Actor, Answer, Expect, Lists, exercises
from smoke.checks.conftest import WORKFLOWS

DETAIL = "GET /api/v1/workflows/{workflow_key}"
RUNS = "GET /api/v1/workflows/runs"
# Fields that the list and the detail of a workflow share.
SAME = ("key", "display_name", "description", "step_count", "default")


@exercises(WORKFLOWS, DETAIL)
async def test_workflows_are_listed_and_known(
    viewer: Actor, expect: Expect, lists: Lists, workflow_pages: list[Answer]
) -> None:
    """The list has each workflow once, and the detail of a workflow agrees with its row."""
    rows, page = lists.rows_of(workflow_pages), workflow_pages[-1]
    keys = [row["key"] for row in rows]
    page.that("at least one workflow", bool(keys))
    page.that("each workflow once", len(set(keys)) == len(keys), keys)
    for row in rows[:2]:
        detail = expect(await viewer.call(DETAIL, workflow_key=row["key"]))
        for name in (name for name in SAME if name in row):
            detail.holds(f"/{name}", row[name])
        steps = sum(len(stage["steps"]) for stage in detail.json["stages"])
        detail.that("as many steps as are counted", steps == row["step_count"], steps)


@exercises(WORKFLOWS)
async def test_search_selects_workflows(
    viewer: Actor, expect: Expect, lists: Lists, workflow_pages: list[Answer]
) -> None:
    """A search finds the workflows that have the word, and counts only those."""
    keys = [row["key"] for row in lists.rows_of(workflow_pages)]
    workflow_pages[-1].that("at least one workflow", bool(keys))
    page = expect(await viewer.call(WORKFLOWS, query={"search": keys[0]}))
    page.lists("/items/*/key", keys[0])
    nothing = expect(await viewer.call(WORKFLOWS, query={"search": f"{keys[0]}-no-such-workflow"}))
    found = nothing.values("/items/*/key")
    nothing.that("no workflow for a word that none has", not found, found)
    nothing.holds("/total", 0)


@exercises(RUNS)
async def test_runs_are_listed_once(viewer: Actor, expect: Expect) -> None:
    """The runs of the tenant are listed, each once."""
    runs = expect(await viewer.call(RUNS))
    ids = runs.values("/items/*/workflow_run_id")
    runs.that("each run once", len(set(ids)) == len(ids))


async def test_unknown_workflow_is_not_found(viewer: Actor, expect: Expect) -> None:
    """A workflow that does not exist is not found."""
    expect(await viewer.call(DETAIL, workflow_key="smoke-no-such-workflow"), 404, unknown=True)
