"""Streaming: what is said piece by piece is silent, cut, disordered or never over."""

import re

from tests.faults.catalogue.operations import (
    BILLING_STREAM,
    CHAT_STREAM,
    LEDGER_STREAM,
    RUN_STREAM,
    TITLE_STREAM,
)
from tests.faults.entries import Environment, Fault, Proxied, Setting
from tests.faults.flow import each_event, hanging, silent, truncated
from tests.faults.interference import body_changed, header

GROUP = "streaming"
CHAT = "chat.streamed_answer_is_whole_and_can_be_replayed"
RUNS = "workflow_runs.streamed_run_is_whole_and_can_be_replayed"
TITLE = "chat.title_is_streamed"
IMPATIENT = Setting(variables={"SMOKE_HTTP_TIMEOUT": "2"})


def _skips_a_number(event: bytes) -> bytes:
    return re.sub(rb'"event_id": ?(\d+)', lambda m: b'"event_id":%d' % (int(m[1]) + 1), event)


ENTRIES = [
    Fault(
        "chat_stream_hangs", GROUP, "chat",
        Proxied(hanging(CHAT_STREAM)), caught_by=CHAT, setting=IMPATIENT,
    ),
    Fault(
        "chat_stream_breaks_off", GROUP, "chat",
        Proxied(truncated(CHAT_STREAM)), caught_by=CHAT,
    ),
    Fault(
        "chat_stream_is_empty", GROUP, "chat",
        Proxied(body_changed(CHAT_STREAM, lambda _body: b": done\n\n")), caught_by=CHAT,
    ),
    Fault(
        "chat_stream_never_says_final", GROUP, "chat",
        Proxied(each_event(CHAT_STREAM, lambda event: event.replace(b'"final"', b'"memory"'))),
        caught_by=CHAT,
    ),
    Fault(
        "chat_stream_says_error", GROUP, "chat",
        Proxied(each_event(
            CHAT_STREAM, lambda event: event.replace(b'"completed"', b'"failed"'))),
        caught_by=CHAT,
    ),
    Fault(
        "chat_stream_is_not_framed", GROUP, "chat",
        Proxied(body_changed(CHAT_STREAM, lambda body: body.replace(b"data: ", b""))),
        caught_by=CHAT,
    ),
    Fault(
        "chat_stream_runs_together", GROUP, "chat",
        Proxied(body_changed(CHAT_STREAM, lambda body: body.replace(b"\n\n", b"\n"))),
        caught_by=CHAT,
    ),
    Fault(
        "chat_stream_is_called_text", GROUP, "chat",
        Proxied(header(CHAT_STREAM, "content-type", "text/html")), caught_by=CHAT,
    ),
    Fault(
        "replay_is_not_what_was_said", GROUP, "chat",
        Proxied(body_changed(LEDGER_STREAM, lambda body: body.replace(b"yes", b"no ", 1))),
        caught_by=CHAT,
    ),
    Fault(
        "replay_is_empty", GROUP, "chat",
        Proxied(body_changed(LEDGER_STREAM, lambda _body: b"")), caught_by=CHAT,
    ),
    Fault(
        "title_stream_never_says_done", GROUP, "chat",
        Proxied(body_changed(TITLE_STREAM, lambda body: body.replace(b"[DONE]", b"."))),
        caught_by=TITLE,
    ),
    Fault(
        "title_stream_is_another", GROUP, "chat",
        Proxied(body_changed(TITLE_STREAM, lambda body: body.replace(b"Smoke", b"Other"))),
        caught_by=TITLE,
    ),
    Fault(
        "run_stream_breaks_off", GROUP, "workflow runs",
        Proxied(truncated(RUN_STREAM)), caught_by=RUNS,
    ),
    Fault(
        "run_stream_skips_a_frame", GROUP, "workflow runs",
        Proxied(each_event(RUN_STREAM, _skips_a_number)), caught_by=RUNS,
    ),
    Fault(
        "billing_stream_is_silent", GROUP, "billing",
        Proxied(silent(BILLING_STREAM)), caught_by="billing.stream_delivers_what_happens",
    ),
    Fault(
        "billing_stream_is_buffered", GROUP, "billing",
        Proxied(body_changed(BILLING_STREAM, lambda body: body)),
        caught_by="billing.stream_delivers_what_happens",
    ),
    Fault(
        "billing_stream_is_of_another_tenant", GROUP, "billing",
        Proxied(each_event(BILLING_STREAM, lambda event: re.sub(
            rb'("tenant_id": ?)"[^"]+"',
            rb'\1"00000000-0000-4000-8000-000000000000"', event))),
        caught_by="billing.stream_delivers_what_happens",
    ),
    Fault(
        "billing_stream_is_off", GROUP, "billing",
        Environment({"ENABLE_BILLING_STREAM": "false"}),
        caught_by="billing.stream_delivers_what_happens",
    ),
]  # fmt: skip
