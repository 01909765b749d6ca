"""
What is only looked up: guardrails, tools, features, usage.
"""

from uuid import uuid4

import httpx
import pytest

from .process import ServiceProcess, served
from .world import seed

API = "/api/v1"


@pytest.mark.parametrize("catalogue", ["guardrails", "guardrails/presets"])
def test_what_is_listed_is_the_same_by_itself(viewer: httpx.Client, catalogue: str) -> None:
    listed = viewer.get(f"{API}/{catalogue}").json()
    assert len(listed) >= 2
    for row in listed:
        one = viewer.get(f"{API}/{catalogue}/{row['key']}").json()
        assert {name: one[name] for name in row} == row
    assert viewer.get(f"{API}/{catalogue}/nothing").status_code == 404


def test_presets_are_of_guardrails(viewer: httpx.Client) -> None:
    known = {row["key"] for row in viewer.get(f"{API}/guardrails").json()}
    for row in viewer.get(f"{API}/guardrails/presets").json():
        preset = viewer.get(f"{API}/guardrails/presets/{row['key']}").json()
        assert preset["guardrail_count"] == len(preset["guardrails"])
        assert {one["guardrail_key"] for one in preset["guardrails"]} <= known


def test_tools_are_those_of_the_agents(viewer: httpx.Client) -> None:
    tools = viewer.get(f"{API}/tools").json()
    used = {name for names in tools["per_agent"].values() for name in names}
    assert sorted(used) == tools["tool_names"]
    assert tools["total_tools"] == len(used)
    agents = {row["name"] for row in viewer.get(f"{API}/agents").json()["items"]}
    assert set(tools["per_agent"]) == agents


def test_features_tell_what_is_open(viewer: httpx.Client) -> None:
    everything = {"billing_enabled": True, "billing_stream_enabled": True}
    assert viewer.get(f"{API}/features").json() == everything
    with (
        served(ENABLE_BILLING="false") as service,
        seed(service.url, uuid4().hex[:8]).signed_in("viewer") as there,
    ):
        assert there.get(f"{API}/features").json() == dict.fromkeys(everything, False)


def test_usage_grows_with_what_is_asked(service: ServiceProcess) -> None:
    world = seed(service.url, uuid4().hex[:8])
    with world.signed_in("member") as member:
        assert [row["requests"] for row in member.get(f"{API}/usage").json()] == [3]
        for message in ("one two three", "four"):
            assert member.post(f"{API}/chat", json={"message": message}).status_code == 200
        counters = member.get(f"{API}/usage").json()
    assert [row["granularity"] for row in counters] == ["day", "month", "day"]
    for row in counters[:2]:
        assert (row["user_id"], row["requests"]) == (world.user_id("member"), 2)
        assert (row["input_tokens"], row["output_tokens"]) == (4, 8)
    assert counters[2]["period_start"] == "2026-01-01"


@pytest.mark.parametrize("path", ["guardrails", "guardrails/presets", "tools", "features", "usage"])
def test_nobody_looks_up_without_a_token(anonymous: httpx.Client, path: str) -> None:
    assert anonymous.get(f"{API}/{path}").status_code == 401
