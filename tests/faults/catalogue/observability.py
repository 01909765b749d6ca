"""Observability that lies: the service says of itself what is not so, or nothing."""

from typing import Any

from tests.faults.catalogue.operations import EVERYTHING, HEALTH, READY
from tests.faults.entries import Fault, InApp, Proxied
from tests.faults.in_app import upkeep
from tests.faults.interference import changed, header, page, replied

GROUP = "observability that lies"


def _status(word: str) -> Any:
    return lambda health: {**health, "status": word}


ENTRIES = [
    Fault(
        "ready_though_the_database_is_gone", GROUP, "seeding",
        InApp(upkeep.database_gone, upkeep.ready_whatever),
        caught_by="*", says="500",
    ),
    Fault(
        "ready_before_it_is", GROUP, "seeding",
        InApp(layer=upkeep.unavailable_for(10, says_ready=True)),
        caught_by="*", says="503",
    ),
    Fault(
        "alive_but_degraded", GROUP, "health",
        Proxied(changed(HEALTH, _status("degraded"))), caught_by="health.service_is_alive",
    ),
    Fault(
        "ready_says_starting", GROUP, "health",
        Proxied(changed(READY, _status("starting"))), caught_by="health.service_is_ready",
    ),
    Fault(
        "storage_cannot_be_written", GROUP, "health",
        InApp(upkeep.objects_read_only), caught_by="health.storage_is_healthy",
    ),
    Fault(
        "storage_health_not_routed", GROUP, "health",
        Proxied(replied("GET /health/storage", 404, {"detail": "Not Found"})),
        caught_by="health.storage_is_healthy",
    ),
    Fault(
        "metrics_are_empty", GROUP, "health",
        Proxied(page("GET /metrics", 200, "", "text/plain")),
        caught_by="health.metrics_count_requests",
    ),
    Fault(
        "metrics_are_a_page", GROUP, "health",
        Proxied(page("GET /metrics", 200, "<html><body>Grafana</body></html>")),
        caught_by="health.metrics_count_requests",
    ),
    Fault(
        "answers_cannot_be_traced", GROUP, "health",
        Proxied(header(EVERYTHING, "x-correlation-id")),
        caught_by="health.answers_can_be_traced",
    ),
    Fault(
        "every_answer_has_one_id", GROUP, "health",
        Proxied(header(EVERYTHING, "x-correlation-id", "fixed")),
        caught_by="health.answers_can_be_traced",
    ),
]  # fmt: skip
