"""Queue: events are lost, or reach the wrong listeners."""

from typing import Any

from tests.faults.catalogue.database import ignored
from tests.faults.catalogue.operations import ACTIVITY, ACTIVITY_STREAM, ALL_READ
from tests.faults.entries import Environment, Fault, Proxied
from tests.faults.flow import silent
from tests.faults.interference import body_changed, changed, instead, pretended

GROUP = "queue"
TOLD = "activity.what_was_done_is_listed_once"
LIVE = "activity.stream_tells_what_was_and_what_comes"


def _each(**values: Any) -> Any:
    def change(page: Any) -> None:
        for row in page["items"]:
            row.update(values)

    return change


ENTRIES = [
    Fault(
        "events_never_arrive", GROUP, "activity",
        ignored("activity_events", "INSERT"), caught_by=TOLD,
    ),
    Fault(
        "events_name_nobody", GROUP, "activity",
        Proxied(changed(ACTIVITY, _each(actor_id=None))), caught_by=TOLD,
    ),
    Fault(
        "receipts_are_lost", GROUP, "activity",
        ignored("activity_receipts", "INSERT"), caught_by="activity.*",
    ),
    Fault(
        "dismissal_is_lost", GROUP, "activity",
        ignored("activity_receipts", "UPDATE"), caught_by="activity.receipts_stick",
    ),
    Fault(
        "marking_all_does_nothing", GROUP, "activity",
        Proxied(pretended(ALL_READ, lambda _asked: (200, {"unread_count": 0}))),
        caught_by="activity.marking_all_as_read_reads_each_event",
    ),
    Fault(
        "activity_is_for_everyone", GROUP, "activity",
        Proxied(instead(ACTIVITY, 403, 200, {"items": [], "next_cursor": None,
                                            "unread_count": 0})),
        caught_by="activity.activity_is_for_admins",
    ),
    Fault(
        "live_events_never_arrive", GROUP, "activity",
        Proxied(silent(ACTIVITY_STREAM)), caught_by=LIVE,
    ),
    Fault(
        "live_events_are_buffered", GROUP, "activity",
        Proxied(body_changed(ACTIVITY_STREAM, lambda body: body)), caught_by=LIVE,
    ),
    Fault(
        "activity_stream_is_off", GROUP, "activity",
        Environment({"ENABLE_ACTIVITY_STREAM": "false"}), caught_by=LIVE,
    ),
]  # fmt: skip
