"""Servers that people sign in to in each of the usual ways, made of well-known libraries."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from uuid import uuid4

from authlib.integrations.flask_oauth2 import AuthorizationServer  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749 import grants  # type: ignore[import-untyped]
from flask import Flask, Response, abort, jsonify, request, session
from flask_wtf.csrf import CSRFProtect, generate_csrf  # type: ignore[import-untyped]
from werkzeug.serving import make_server

PEOPLE = {"ann@example.com": "ann-password-1", "bob@example.com": "bob-password-2"}
CLIENTS = {"robot": "robot-secret-0123456789", "web-app": "web-secret-0123456789"}
KEY = "k-0123456789abcdef"


class Machine:
    """An OAuth2 client that is registered at the server."""

    def __init__(self, client_id: str) -> None:
        self.client_id = client_id
        self.scope = "read write"

    def check_client_secret(self, secret: str) -> bool:
        """Whether this is the client's secret."""
        return CLIENTS[self.client_id] == secret

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Any of the two ways that RFC 6749 §2.3.1 describes."""
        return endpoint == "token" and method in ("client_secret_basic", "client_secret_post")

    def check_grant_type(self, grant_type: str) -> bool:
        """Every grant of this server."""
        return grant_type in ("password", "client_credentials", "refresh_token")

    def get_allowed_scope(self, scope: str | None) -> str:
        """What the client may have of what it asks for."""
        return " ".join(word for word in (scope or "").split() if word in self.scope.split())


class Token:
    """A token that the server handed out."""

    def __init__(self, row: dict[str, Any], client_id: str, who: str) -> None:
        self.row, self.client_id, self.who = row, client_id, who

    def check_client(self, client: Machine) -> bool:
        """Whether the token is of this client."""
        return self.client_id == client.client_id

    def get_scope(self) -> str:
        """What it allows."""
        return str(self.row.get("scope", ""))


class Ways:
    """One server with every way to sign in, and what it has seen; no token of it ever ends."""

    def __init__(self, lives_s: float = 3600, says_end: str = "expires_in") -> None:
        self.lives_s = lives_s
        self.says_end = says_end
        self.tokens: dict[str, Token] = {}
        self.grants: list[str] = []
        self.seen: list[dict[str, str]] = []
        self.app = Flask("ways")
        self.app.config.update(SECRET_KEY="x" * 32, WTF_CSRF_CHECK_DEFAULT=False)
        self.csrf = CSRFProtect(self.app)
        self._oauth2()
        for rule, view, methods in (
            ("/oauth/things", self.oauth_things, ["GET"]),
            ("/basic/things", self.basic_things, ["GET"]),
            ("/keys/things", self.key_things, ["GET"]),
            ("/login", self.login_page, ["GET"]),
            ("/session", self.sign_in_by_cookie, ["POST"]),
            ("/session/end", self.end, ["POST"]),
            ("/session/things", self.session_things, ["GET", "POST"]),
            ("/elsewhere/sign-in", self.elsewhere, ["POST"]),
        ):
            self.app.add_url_rule(rule, view_func=view, methods=methods)

    def _oauth2(self) -> None:
        ways = self

        class Password(grants.ResourceOwnerPasswordCredentialsGrant):  # type: ignore[misc]
            TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]  # noqa: RUF012

            def authenticate_user(self, username: str, password: str) -> str | None:
                return username if PEOPLE.get(username) == password else None

        class Credentials(grants.ClientCredentialsGrant):  # type: ignore[misc]
            TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]  # noqa: RUF012

        class Refresh(grants.RefreshTokenGrant):  # type: ignore[misc]
            INCLUDE_NEW_REFRESH_TOKEN = True

            def authenticate_refresh_token(self, text: str) -> Token | None:
                found = (t for t in ways.tokens.values() if t.row.get("refresh_token") == text)
                return next(found, None)

            def authenticate_user(self, token: Token) -> str:
                return token.who

            def revoke_old_credential(self, token: Token) -> None:
                ways.tokens.pop(token.row["access_token"])

        def save(row: dict[str, Any], asked: Any) -> None:
            who = str(asked.user or asked.client.client_id)
            ways.tokens[row["access_token"]] = Token(row, asked.client.client_id, who)

        self.app.config["OAUTH2_TOKEN_EXPIRES_IN"] = dict.fromkeys(
            ("password", "client_credentials", "refresh_token"), self.lives_s
        )
        self.app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
        server = AuthorizationServer(
            self.app, query_client=lambda n: Machine(n) if n in CLIENTS else None, save_token=save
        )
        for grant in (Password, Credentials, Refresh):
            server.register_grant(grant)

        def token() -> Any:
            ways.grants.append(request.form["grant_type"])
            return server.create_token_response()

        self.app.add_url_rule("/oauth/token", view_func=token, methods=["POST"])

    def _is(self, who: str) -> Response:
        self.seen.append(dict(request.headers))
        return jsonify(who=who)

    def oauth_things(self) -> Response:
        """Things for whoever shows a token."""
        kind, _, text = request.headers.get("Authorization", "").partition(" ")
        token = self.tokens.get(text)
        if kind not in ("Bearer", "Token") or token is None:
            abort(401)
        return self._is(token.who)

    def basic_things(self) -> Response:
        """Things for whoever shows a password."""
        shown = request.authorization
        name = str(shown.username if shown else "")
        if shown is None or shown.type != "basic" or PEOPLE.get(name) != shown.password:
            abort(401)
        return self._is(name)

    def key_things(self) -> Response:
        """Things for whoever shows the key, wherever it is."""
        places = {
            "header": request.headers.get("X-Key"),
            "query": request.args.get("key"),
            "cookie": request.cookies.get("key"),
            "prefix": request.headers.get("Authorization", "").removeprefix("Token "),
        }
        where = [name for name, value in places.items() if value == KEY]
        return self._is(",".join(where)) if where else abort(401)

    def login_page(self) -> Response:
        """What a page before the sign-in would hold."""
        answer = jsonify(csrf=generate_csrf())
        answer.set_cookie("csrftoken", generate_csrf())
        return answer

    def sign_in_by_cookie(self) -> tuple[Response, int]:
        """A sign-in that is answered with a cookie; it redirects, as those for browsers do."""
        self.csrf.protect()
        email = request.form.get("email", "")
        if PEOPLE.get(email) != request.form.get("password"):
            return jsonify(error="no"), 200  # as pages for people answer
        session["who"] = email
        return jsonify(ok=True), 303

    def end(self) -> Response:
        """A sign-out."""
        self.csrf.protect()
        session.clear()
        return jsonify(ok=True)

    def session_things(self) -> Response:
        """Things for whoever has a session; writing needs its CSRF token."""
        if "who" not in session:
            abort(401)
        if request.method == "POST":
            self.csrf.protect()
        return self._is(session["who"])

    def elsewhere(self) -> tuple[Response, int]:
        """A sign-in of a service of its own: another path, 201, and a token of its own shape."""
        row = request.get_json()
        if PEOPLE.get(row["user"]) != row["secret"]:
            return jsonify(detail="no", trace="a1b2c3d4e5f6a7b8c9d0"), 403
        token = f"opaque{uuid4().hex}"
        self.grants.append("elsewhere")
        self.tokens[token] = Token({"expires_in": self.lives_s}, "", row["user"])
        end = datetime.now(UTC) + timedelta(seconds=self.lives_s)
        ends = {
            "expires_in": self.lives_s,
            "expires_at": end.isoformat(),
            "expires": end.timestamp(),
        }
        return jsonify(data={"value": token, self.says_end: ends[self.says_end]}), 201


@contextmanager
def serving(ways: Ways) -> Iterator[str]:
    """Serve it on a free port of this machine; gives its URL."""
    with serving_app(ways.app) as url:
        yield url


@contextmanager
def serving_app(app: Any) -> Iterator[str]:
    """Serve a WSGI application on a free port of this machine; gives its URL."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
