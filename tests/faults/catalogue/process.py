"""Process and boot: what is running is not what was deployed, or not all of it."""

from tests.faults.catalogue.operations import AGENTS, API, EVERYTHING, READY
from tests.faults.editing import option, target
from tests.faults.entries import Fault, InApp, Proxied, Setting
from tests.faults.in_app import upkeep
from tests.faults.interference import every, replied

GROUP = "process and boot"
ERROR = {
    "success": False,
    "error": "InternalServerError",
    "message": "An unexpected error occurred.",
    "details": None,
}

ENTRIES = [
    Fault(
        "old_version_still_serving", GROUP, "health",
        InApp(upkeep.version("0.9.0")),
        caught_by="health.service_is_alive", says="version",
        setting=Setting(edit=option('version = "1.0.0"')),
    ),
    Fault(
        "one_worker_of_three_is_broken", GROUP, "any",
        Proxied(every(3, API, replied(API, 500, ERROR))),
        caught_by="*", says="500",
        why="the broken worker answers whatever comes third, so the line names its own operation",
    ),
    Fault(
        "one_worker_of_three_is_broken_for_agents", GROUP, "agents",
        Proxied(every(3, f"{AGENTS}*", replied(f"{AGENTS}*", 500, ERROR))),
        caught_by="agents.*",
    ),
    Fault(
        "never_ready", GROUP, "health",
        Proxied(replied(READY, 503, {**ERROR, "error": "ServiceUnavailable"})),
        caught_by="health.service_is_alive", says="Not ready",
        setting=Setting(edit=target("ready_s = 2")),
    ),
    Fault(
        "process_dies_of_a_rename", GROUP, "conversations",
        InApp(layer=upkeep.dying_at("PATCH", "/title")),
        # Or another check that waited for an answer at that moment, and comes earlier.
        caught_by="*", says="no answer",
    ),
    Fault(
        "everything_crashes", GROUP, "any",
        Proxied(replied(EVERYTHING, 500, ERROR)),
        caught_by="health.service_is_alive",
        setting=Setting(edit=target("ready_s = 2")),
    ),
]  # fmt: skip
