"""A careless service: everything it receives comes back in its errors, in every spelling.

It stands before the real one, hands requests on, and keeps every secret that passes, by kind.
"""

import json
import re
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, urlsplit

HOP = ("connection", "transfer-encoding", "content-length", "server", "date")

PLANTED = {
    "cookie": "c00kie-0123456789abcdef",
    "payment key": "sk_live_0123456789abcdefghij",
    "webhook secret": "whsec_0123456789abcdefghij",
    "cloud key": "AKIA0123456789ABCDEF",
    "private key": "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHdoYXRldmVyaXRpcw\n",
    "api key": "0123abcd-api-key-of-someone",
    "client secret": "cs-0123456789-client-secret",
}
"""Secrets of the service's own that its errors give away, by kind."""

MEMBERS = {
    "access_token": "access token",
    "refresh_token": "refresh token",
    "password": "password",
    "token": "one-time token",
    "upload_url": "presigned URL",
    "download_url": "presigned URL",
}


@dataclass
class Reflecting:
    """Where the careless service is, and the secrets it has seen by kind."""

    url: str = ""
    upstream: str = ""
    broken: str = ""
    seen: dict[str, set[str]] = field(default_factory=dict)

    def learn(self, text: str) -> None:
        """Keep the secrets of a body, by the names of their members."""
        for name, kind in MEMBERS.items():
            for found in re.findall(rf'"{name}":\s*("(?:[^"\\]|\\.)*")', text):
                value = json.loads(found)
                if len(value) > 11 and " " not in value:
                    self.seen.setdefault(kind, set()).add(value)
                    signature = re.search(r"[?&]signature=([^&]+)", value)
                    if signature:
                        self.seen.setdefault("signature", set()).add(signature[1])

    def error(self, headers: dict[str, str], body: str) -> bytes:
        """The body of an error that gives everything away."""
        token = headers.get("authorization", "").removeprefix("Bearer ")
        for kind, value in PLANTED.items():
            self.seen.setdefault(kind, set()).add(value)
        shown = {
            "error": f"unhandled: Bearer {token}",
            "base64": b64encode(f"x{token}".encode()).decode(),
            "url": quote(f"https://logs.example.com/?q=Bearer {token}", safe=""),
            "twice": json.dumps(json.dumps({"headers": headers, "body": body})),
            "page": f"<pre>{token}</pre>",
            "seen": [sorted(values) for values in self.seen.values()],
            "api_key": PLANTED["api key"],
            "client_secret": PLANTED["client secret"],
            "log": " ".join(PLANTED[kind] for kind in PLANTED if kind not in ("api key",
                            "client secret", "cookie")),
        }  # fmt: skip
        return json.dumps(shown).encode()


@contextmanager
def reflecting(upstream: str, broken: str = "") -> Iterator[Reflecting]:
    """Stand before a service; requests of the path `broken` are answered with the careless 500."""
    here = Reflecting(upstream=upstream, broken=broken)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            here.learn(body.decode("utf-8", "replace"))
            status, found, answer = self._answer(headers, body)
            here.learn(answer.decode("utf-8", "replace"))
            self.send_response_only(status)
            for name, value in found:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else answer)

        def _answer(
            self, headers: dict[str, str], body: bytes
        ) -> tuple[int, list[tuple[str, str]], bytes]:
            if here.broken and urlsplit(self.path).path == here.broken:
                found = [("Content-Type", "application/json"),
                         ("Set-Cookie", f"session={PLANTED['cookie']}; HttpOnly"),
                         ("X-Debug", headers.get("authorization", ""))]  # fmt: skip
                return 500, found, here.error(headers, body.decode("utf-8", "replace"))
            connection = HTTPConnection(urlsplit(upstream).netloc, timeout=30)
            try:
                connection.request(self.command, self.path, body, headers)
                response = connection.getresponse()
                kept = [row for row in response.getheaders() if row[0].lower() not in HOP]
                return response.status, kept, response.read()
            finally:
                connection.close()

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        here.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield here
        finally:
            server.shutdown()
            thread.join()
