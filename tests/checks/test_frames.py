"""Frames that were made over seconds must come over seconds: a buffer on the way is red."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from smoke.checks import frames as room
from smoke.checks.frames import Arrivals, flows
from smoke.results.expectations import Answer, Mismatch
from tests.results.records import begun, sent


def streamed(*made_s: float) -> Answer:
    """A stream with frames that the service made at these seconds."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    moments = [start + timedelta(seconds=one) for one in made_s]
    events = tuple(json.dumps({"server_timestamp": moment.isoformat()}) for moment in moments)
    run = begun(None)
    return Answer(sent(run, events=events), run)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds at which frames come, one after the other."""
    left: list[float] = []
    monkeypatch.setattr(room, "perf_counter", lambda: left.pop(0))
    return left


def came(clock: list[float], *seconds: float) -> Arrivals:
    arrivals, clock[:] = Arrivals(), seconds
    assert not any(arrivals("{}") for _ in seconds)  # reading goes on
    return arrivals


def test_frames_that_come_together_at_the_end_are_red(clock: list[float]) -> None:
    with pytest.raises(Mismatch, match=r"made in 6\.0 s to come over at least 2\.0 s"):
        flows(streamed(0, 3, 6), came(clock, 9.0, 9.1, 9.2))


def test_frames_that_come_as_they_are_made_are_right(clock: list[float]) -> None:
    flows(streamed(0, 3, 6), came(clock, 0.1, 4.0, 6.1))


@pytest.mark.parametrize("made_s", [(0,), (0, 0.5), (0, 2.9)])
def test_frames_made_in_a_moment_may_come_together(clock: list[float], made_s: list[float]) -> None:
    flows(streamed(*made_s), came(clock, *[1.0] * len(made_s)))
