"""The frames of a stream: numbered, of one stream, and ended by the frame that ends it."""

import json
from typing import Any

from smoke import Answer, Bounds

# What a model may take to answer; one that takes several steps needs its time.
PATIENCE_S = 30.0
# What an answer may take that is streamed.
BUDGET = Bounds(events=100_000, time_s=PATIENCE_S)

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
