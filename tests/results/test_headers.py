"""Headers read as a mapping and keep every line as it came."""

import pytest

from smoke.results.exchange import Headers, pairs_of

LINES = [("Set-Cookie", "a=1"), ("Vary", "accept"), ("set-cookie", "b=2"), ("vary", "origin")]


def test_field_that_comes_twice_reads_as_one() -> None:
    headers = Headers(LINES)
    assert headers["VARY"] == "accept, origin"
    assert list(headers) == ["set-cookie", "vary"]
    assert len(headers) == 2


def test_cookies_are_never_folded() -> None:
    headers = Headers(LINES)
    assert headers["set-cookie"] == "a=1"
    assert headers.all("Set-Cookie") == ("a=1", "b=2")


@pytest.mark.parametrize("lines", [LINES, dict(LINES[:2])])
def test_lines_stay_in_their_order(lines: object) -> None:
    headers = Headers(lines)  # type: ignore[arg-type]
    assert headers.pairs[0] == ("set-cookie", "a=1")
    assert pairs_of(headers) == headers.pairs
    assert pairs_of({"a": "b"}) == (("a", "b"),)
    assert headers.get("etag") is None
