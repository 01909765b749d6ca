"""A message about the verdict reaches a webhook, and one that does not changes nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from smoke.report.notify import message, notify
from tests.results.records import green, red


@contextmanager
def webhook(status: int = 200) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """The URL of a webhook, and the messages that it received."""
    received: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook/secret-of-the-channel", received
    finally:
        server.shutdown()
        server.server_close()


def test_webhook_gets_verdict_reason_and_link(tmp_path: Path) -> None:
    with webhook() as (url, received):
        assert list(notify([url], [red(tmp_path)], Path("report.html"), {})) == []
    reason = "books.read: GET /books/{book_id} as owner: expected 200, got 500"
    assert received == [{"text": f"RED (service): local\n{reason}\nreport.html"}]


def test_link_is_that_of_the_ci_job(tmp_path: Path) -> None:
    github = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "a/b",
              "GITHUB_RUN_ID": "7"}  # fmt: skip
    shown = message([green(tmp_path)], Path("report.html"), github)
    assert shown == "GREEN: local\nhttps://github.com/a/b/actions/runs/7"
    gitlab = {"CI_JOB_URL": "https://gitlab.example/j/1"}
    assert message([green(tmp_path)], Path("x"), gitlab).endswith("https://gitlab.example/j/1")


def test_message_that_fails_is_a_sentence_without_the_secret(tmp_path: Path) -> None:
    record = green(tmp_path)
    with webhook(500) as (url, _):
        (refused,) = notify([url], [record], Path("x"), {})
    (dead,) = notify(["http://127.0.0.1:9/hook/secret-of-the-channel"], [record], Path("x"), {})
    (unknown,) = notify(["nothing://secret-of-the-channel@x"], [record], Path("x"), {})
    for sentence in (refused, dead, unknown):
        assert "not sent: " in sentence
        assert "secret-of-the-channel" not in sentence
