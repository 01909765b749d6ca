"""
Reading the streams of the service.
"""

import json
from typing import Any

import httpx


def frames_of(response: httpx.Response) -> list[dict[str, Any]]:
    """
    Return the frames of a stream that was read to its end.
    """
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    return [json.loads(block.removeprefix("data: ")) for block in blocks_of(response)]


def blocks_of(response: httpx.Response) -> list[str]:
    """
    Return the events of a stream as they were sent.
    """
    return response.text.removesuffix("\n\n").split("\n\n") if response.text else []


def kinds_of(frames: list[dict[str, Any]]) -> list[str]:
    """
    Return the kinds of frames without repetition.
    """
    return list(dict.fromkeys(frame["kind"] for frame in frames))
