"""
Serving a fleet's verdict over HTTP: `verdict.json` for a web metric, and a gate for a webhook.

`GET /verdict.json` returns the last verdict. Flagger's webhooks call `POST /`: 200 lets a rollout
continue, every other status holds it. A verdict that is too old is unverified.
"""

import json
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

# The statuses of the gate (RFC 9110 §15.3.1, §15.5.13).
GO, HOLD = 200, 412

# Bytes of a webhook's body that the server reads and ignores; a client may not send without end.
BODY_MOST = 65_536


@dataclass(frozen=True)
class Verdicts:
    """The verdict in a directory of merged files, as long as it is fresh."""

    folder: Path
    max_age_s: float

    def read(self) -> dict[str, Any]:
        """The verdict without its targets; unverified if it is missing or too old."""
        path = self.folder / "verdict.json"
        try:
            age_s = time.time() - path.stat().st_mtime
            found = json.loads(path.read_text(encoding="utf-8"))
            head = {key: value for key, value in found.items() if key != "targets"}
        except (OSError, ValueError, AttributeError):
            return {"verdict": "unverified", "exit": 2, "reason": "no verdict was merged yet"}
        if age_s > self.max_age_s:
            reason = f"the verdict is {age_s:.0f} s old"
            return head | {"verdict": "unverified", "exit": 2, "reason": reason}
        return head


def server(verdicts: Verdicts, host: str, port: int) -> ThreadingHTTPServer:
    """A server of the verdicts; start it with `serve_forever`."""

    class Handler(BaseHTTPRequestHandler):
        """Answers one request."""

        # A client that sends nothing must not keep a thread for ever.
        timeout = 10

        def do_GET(self) -> None:
            """The verdict as JSON."""
            known = self.path in ("/", "/verdict.json")
            self._send(GO if known else 404, verdicts.read() if known else {})

        def do_POST(self) -> None:
            """The gate of a webhook; it ignores the body of the request."""
            size = self.headers.get("Content-Length", "0")
            self.rfile.read(min(int(size), BODY_MOST) if size.isdigit() else 0)
            found = verdicts.read()
            self._send(GO if found["verdict"] == "green" else HOLD, found)

        def _send(self, status: int, found: dict[str, Any]) -> None:
            content = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Log nothing: probes come every few seconds."""

    return ThreadingHTTPServer((host, port), Handler)
