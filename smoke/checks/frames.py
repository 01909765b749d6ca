"""The frames of a stream: numbered, of one stream, and ended by the frame that ends it."""

import json
from datetime import datetime
from time import perf_counter
from typing import Any

from smoke import Answer, Bounds

# What a model may take to answer; one that takes several steps needs its time.
PATIENCE_S = 30.0
# What an answer may take that is streamed.
BUDGET = Bounds(events=100_000, time_s=PATIENCE_S)

# Seconds between the first and the last frame, as made, from which on a buffer would show: a busy
# client or a lost packet keeps frames back for less.
LEAST_MADE_S = 3.0
# The part of that time over which the frames must come.
LEAST_PART = 1 / 3

# The kinds of frame after which nothing comes.
ENDS = frozenset({"final", "error"})


def frames_of(streamed: Answer) -> list[dict[str, Any]]:
    """Return the frames of a stream that must be whole: first, order, one stream, and its end."""
    frames: list[dict[str, Any]] = [json.loads(data) for data in streamed.exchange.events]
    streamed.that("a stream that ends by itself in its budget", streamed.exchange.ended)
    numbers = [frame.get("event_id") for frame in frames]
    streamed.that(
        "event_id 1, 2, … without gap", numbers == list(range(1, len(frames) + 1)), numbers
    )
    streams = {frame.get("stream_id") for frame in frames}
    streamed.that("one stream_id", len(streams) == 1, sorted(map(str, streams)))
    kinds = [frame.get("kind") for frame in frames]
    ending = [kind for kind in kinds if kind in ENDS]
    streamed.that("one frame that ends the stream, the last", ending == kinds[-1:], kinds)
    return frames


def completed(streamed: Answer) -> Answer:
    """Expect that the last frame says that all went well, and with an answer of some kind."""
    streamed.holds("/kind", "final").holds("/final/status", "completed")
    final = streamed.json["final"]
    said = str(final.get("response_text") or "").strip()
    streamed.that("an answer", bool(said) or final.get("structured_output") is not None, final)
    return streamed


def cancelled(frames: list[dict[str, Any]]) -> bool:
    """Tell whether the frames say that the run was cancelled."""
    return any(frame["kind"] == "lifecycle" and frame["status"] == "cancelled" for frame in frames)


class Arrivals:
    """Keeps when the first and the last frame of a stream came; `until` of its bounds."""

    def __init__(self) -> None:
        self.first_s: float | None = None
        self.last_s = 0.0

    def __call__(self, _data: str) -> bool:
        """Note that a frame has come; reading goes on."""
        self.last_s = perf_counter()
        self.first_s = self.last_s if self.first_s is None else self.first_s
        return False

    @property
    def bounds(self) -> Bounds:
        """The limits for reading a stream, with these notes."""
        return Bounds(events=BUDGET.events, time_s=BUDGET.time_s, until=self)


def flows(streamed: Answer, arrivals: Arrivals) -> None:
    """
    Expect frames to come while they are made: nothing on the way may keep them until the end.

    Both times are differences of one clock each, so the clocks need not agree. Frames that were
    made in a moment show nothing.
    """
    frames = [json.loads(data) for data in streamed.exchange.events]
    made = [datetime.fromisoformat(str(frame["server_timestamp"])) for frame in frames]
    made_s = (made[-1] - made[0]).total_seconds()
    if made_s < LEAST_MADE_S:
        return
    came_s, least_s = arrivals.last_s - (arrivals.first_s or 0.0), made_s * LEAST_PART
    wanted = f"frames that were made in {made_s:.1f} s to come over at least {least_s:.1f} s"
    streamed.that(wanted, came_s >= least_s, round(came_s, 2))
