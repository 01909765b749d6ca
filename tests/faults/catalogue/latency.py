"""Latency and partial outage: answers come late, break off, or come only sometimes."""

from tests.faults.catalogue.operations import (
    AGENTS,
    API,
    CONVERSATIONS,
    EVERYTHING,
    MEMBERS,
    OBJECTS,
    SEARCH,
    USER,
    WORKFLOWS,
)
from tests.faults.catalogue.process import ERROR
from tests.faults.editing import target
from tests.faults.entries import Fault, Proxied, Setting
from tests.faults.flow import hanging, slow, stalled, truncated
from tests.faults.interference import every, page, replied

LATENCY = "latency"
OUTAGE = "partial outage"
IMPATIENT = Setting(variables={"SMOKE_HTTP_TIMEOUT": "1"})
BUSY = {**ERROR, "error": "ServiceUnavailable", "message": "The service is busy."}

ENTRIES = [
    Fault(
        "workflows_are_slow", LATENCY, "workflows",
        Proxied(slow(WORKFLOWS, 3)), caught_by="workflows.*", setting=IMPATIENT,
    ),
    Fault(
        "search_hangs", LATENCY, "conversations",
        Proxied(hanging(SEARCH)), caught_by="conversations.search_finds_what_was_said",
        setting=IMPATIENT,
    ),
    Fault(
        "user_hangs", LATENCY, "users",
        Proxied(hanging(USER)), caught_by="email.*", setting=IMPATIENT,
        why="the owner of an address is read from the user, and e-mail is looked at before users",
    ),
    Fault(
        "members_stall_in_the_middle", LATENCY, "tenants",
        Proxied(stalled(MEMBERS)), caught_by="tenancy.lists_are_of_one_tenant",
        setting=IMPATIENT, why="the tenant of rows is looked at before their content",
    ),
    Fault(
        "everything_hangs", LATENCY, "health",
        Proxied(hanging(EVERYTHING)), caught_by="health.service_is_alive",
        setting=Setting(variables={"SMOKE_HTTP_TIMEOUT": "1"}, edit=target("ready_s = 2")),
    ),
    Fault(
        "agents_break_off", LATENCY, "agents",
        Proxied(truncated(AGENTS)), caught_by="agents.agents_are_listed_and_known",
    ),
    Fault(
        "one_request_in_three_fails", OUTAGE, "any",
        Proxied(every(3, API, replied(API, 503, BUSY))), caught_by="*", says="503",
        why="whatever comes third fails, so the line names its own operation",
    ),
    Fault(
        "one_list_in_two_fails", OUTAGE, "conversations",
        Proxied(every(2, CONVERSATIONS, replied(CONVERSATIONS, 503, BUSY), after=1)),
        caught_by="conversations.*", says=CONVERSATIONS,
    ),
    Fault(
        "agents_are_unavailable", OUTAGE, "agents",
        Proxied(replied(f"{AGENTS}*", 503, BUSY)), caught_by="agents.*",
    ),
    Fault(
        "object_list_times_out_at_the_gateway", OUTAGE, "storage",
        Proxied(page(OBJECTS, 504, "<html><body>504 Gateway Time-out</body></html>")),
        caught_by="storage.bytes_come_back",
    ),
    Fault(
        "workflows_crash", OUTAGE, "workflows",
        Proxied(replied(f"{WORKFLOWS}*", 500, ERROR)), caught_by="workflows.*",
    ),
    Fault(
        "members_are_rate_limited", OUTAGE, "tenants",
        Proxied(replied(MEMBERS, 429, {**BUSY, "error": "TooManyRequests"})),
        caught_by="tenancy.lists_are_of_one_tenant", says="/tenants/members",
        why="the tenant of rows is looked at before their content",
    ),
]  # fmt: skip
