"""Reads that may come too early: below a thing that is shown late, or of work that goes on."""

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from smoke.http.policy import writes
from smoke.plan import Entry, FilledRequest
from smoke.results.exchange import Exchange
from smoke.session.caller import Caller
from smoke.session.lists import SECOND_LOOK_S

if TYPE_CHECKING:
    from smoke.session.replay import Replay

NOT_FOUND = 404

# The work goes on after such an answer (RFC 9110 §15.3.3).
ACCEPTED = 202

# What a result answers until it is there.
NOT_YET = frozenset({NOT_FOUND, 409, 425})

# Seconds between two reads of a result, at first and at most.
PAUSE_S, LONGEST_S = 0.2, 1.0


async def sent_in_time(replay: "Replay", filled: FilledRequest, caller: Caller) -> Exchange:
    """Send an entry; a read that may have come too early is sent again."""
    exchange = await replay.send(filled, caller)
    entry = replay.plan.by_name[filled.entry]
    if writes(entry.operation) or exchange.status in entry.expect:
        return exchange
    if exchange.status in NOT_YET and (maker := _accepted(entry, replay)):
        return await _until_done(replay, filled, caller, exchange, maker)
    if exchange.status != NOT_FOUND or not entry.needs:
        return exchange
    await asyncio.sleep(SECOND_LOOK_S)
    again = await replay.send(filled, caller)
    if again.status != NOT_FOUND:
        replay.client.run.note_late(filled.operation, SECOND_LOOK_S)
    return again


def _accepted(entry: Entry, replay: "Replay") -> str:
    """The operation that an entry needs and that answered 202; empty if there is none."""
    needed = {one.operation for one in replay.plan.closure({entry.name})} - {entry.operation}
    accepted = (one for one in replay.client.run.until_now() if one.status == ACCEPTED)
    return next((one.operation for one in accepted if one.operation in needed), "")


async def _until_done(
    replay: "Replay", filled: FilledRequest, caller: Caller, exchange: Exchange, maker: str
) -> Exchange:
    """Send a read until it no longer says that the work goes on: as long as an answer may take."""
    first, began, pause_s = exchange.status, monotonic(), PAUSE_S
    while exchange.status in NOT_YET and monotonic() - began < replay.client.target.timeout_s:
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, LONGEST_S)
        exchange = await replay.send(filled, caller)
    replay.client.run.note(
        f"{filled.operation}: answered {first} for {monotonic() - began:.1f} s after {maker} was "
        "accepted (202)"
    )
    return exchange
