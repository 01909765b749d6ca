"""A pasted line reproduces: a real shell runs it, with a `curl` that prints its arguments."""

import subprocess

import pytest

from smoke.results.curl import curl_line, is_stream

URL = "https://api.example.com/notes"
SIGN_IN = "smoke token owner --target staging"

# Functions in place of the two commands of a line.
STUBS = """
curl() { printf '%s\\0' "$@"; }
smoke() { [ "$*" = "token owner --target staging" ] && echo "Authorization: Bearer fresh"; }
SMOKE_USER_PASSWORD='se"cret'
"""


def arguments(line: str) -> list[str]:
    """What a shell hands to curl."""
    done = subprocess.run(  # noqa: S603  (our own line)
        ["/bin/bash", "-c", STUBS + line], capture_output=True, check=True
    )
    return [word.decode() for word in done.stdout.split(b"\0")[:-1]]


def test_line_shows_the_head_and_gives_up() -> None:
    assert arguments(curl_line("GET", URL, {}, "")) == ["-sS", "-i", "-m", "10", URL]


def test_line_waits_longer_for_a_slow_answer() -> None:
    line = curl_line("GET", URL, {}, "", status=200, elapsed_ms=9800)
    assert line.startswith("curl -sS -i -m 20 ")


def test_line_gives_up_when_the_run_did() -> None:
    line = curl_line("GET", URL, {}, "", elapsed_ms=3020)
    assert line.startswith("curl -sS -i -m 3 ")
    refused = curl_line("GET", URL, {}, "", elapsed_ms=2)
    assert refused.startswith("curl -sS -i -m 10 ")


def test_stream_is_shown_as_it_arrives() -> None:
    line = curl_line("GET", URL, {"accept": "text/event-stream"}, "")
    assert arguments(line) == ["-sS", "-i", "-N", "-m", "10", URL, "-H",
                               "accept: text/event-stream"]  # fmt: skip


@pytest.mark.parametrize(
    ("accept", "content_type", "streams"),
    [("text/event-stream", "", True), ("*/*", "text/event-stream; charset=utf-8", True),
     ("*/*", "application/json", False)],
)  # fmt: skip
def test_stream_is_known_by_its_media_type(accept: str, content_type: str, streams: bool) -> None:
    assert is_stream({"Accept": accept}, content_type) is streams


def test_token_comes_from_the_command_that_signs_in() -> None:
    line = curl_line(
        "GET",
        URL,
        {"authorization": "Bearer $SMOKE_TOKEN_OWNER"},
        "",
        actor="owner",
        sign_in=SIGN_IN,
    )
    assert arguments(line)[-2:] == ["-H", "Authorization: Bearer fresh"]


@pytest.mark.parametrize("variable", ["SMOKE_TOKEN_OWNER_OTHER", "SMOKE_TOKEN_READER"])
def test_token_of_another_session_stays_a_variable(variable: str) -> None:
    line = curl_line(
        "GET", URL, {"authorization": f"Bearer ${variable}"}, "", actor="owner", sign_in=SIGN_IN
    )
    assert f'"authorization: Bearer ${variable}"' in line


def test_password_in_a_body_is_a_variable_that_the_shell_expands() -> None:
    line = curl_line("POST", URL, {}, '{"password": "$SMOKE_USER_PASSWORD", "cost": "$5"}')
    assert arguments(line)[-1] == '{"password": "se"cret", "cost": "$5"}'


def test_body_with_line_ends_is_pasted_in_one_line() -> None:
    body = '--x\r\nContent-Disposition: form-data; name="it\'s"\r\n\r\n\\a\r\n--x--\r\n'
    line = curl_line("POST", URL, {}, body)
    assert "\n" not in line
    assert arguments(line)[-1] == body


def test_reading_with_a_body_stays_a_read() -> None:
    assert "-X GET" in curl_line("GET", URL, {}, "{}")
    assert "-I" in curl_line("HEAD", URL, {}, "").split()
