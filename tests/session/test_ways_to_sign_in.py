"""Every way to sign in is declared in the rules, and works against a real server."""

import json
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jwt
import pytest

from smoke.config.settings import Flags, read_settings
from smoke.errors import BrokenError, ConfigError, DataError, SmokeError
from smoke.http.aws_signature import Signature
from smoke.http.client import Client
from smoke.session.run_actors import Actors
from smoke.session.seeding import Seeding
from smoke.session.session import SmokeSession
from tests.http.certificates import authority
from tests.loopback import answer, listening
from tests.session.django_site import SEEN, site
from tests.session.ways import CLIENTS, KEY, PEOPLE, Ways, serving, serving_app
from tests.unlike.projects import made

SCHEMES: dict[str, Any] = {
    "oauth": {
        "type": "oauth2",
        "flows": {
            "password": {"tokenUrl": "/oauth/token", "scopes": {}},
            "clientCredentials": {"tokenUrl": "/oauth/token", "scopes": {}},
        },
    },
    "basic": {"type": "http", "scheme": "basic"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "key"},
}
GET = {"responses": {"200": {"description": "d"}, "401": {"description": "d"}}}
PATHS: dict[str, Any] = {
    "/oauth/things": {"get": {**GET, "security": [{"oauth": []}]}},
    "/basic/things": {"get": {**GET, "security": [{"basic": []}]}},
    "/keys/things": {"get": {**GET, "security": [{"basic": []}, {"query": []}, {"header": []}]}},
    "/session/things": {"get": GET, "post": GET},
    "/session/end": {"post": GET},
    "/accounts/logout/": {"post": {"responses": {"302": {"description": "d"}}}},
}
CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "Ways", "version": "1"},
    "paths": PATHS,
    "components": {"securitySchemes": SCHEMES},
}
ENVIRON = {
    "SMOKE_ENVIRONMENT": "local",
    "SMOKE_USER_PASSWORD": PEOPLE["ann@example.com"],
    "BOB_PASSWORD": PEOPLE["bob@example.com"],
    "ROBOT_SECRET": CLIENTS["robot"],
    "WEB_SECRET": CLIENTS["web-app"],
    "MY_KEY": KEY,
}


@asynccontextmanager
async def entering(
    folder: Path, url: str, rules: str, row: str = "", **environ: str
) -> AsyncIterator[Actors]:
    """The actors of a session against a server, as a run has them."""
    contract = folder / "ways.json"
    contract.write_text(json.dumps(CONTRACT), encoding="utf-8")
    excepted = '\n[[rule]]\noperation = "*"\nanonymous = "allowed"\n'
    root = made(folder / "project", contract, rules + excepted, f'base_url = "{url}"\n{row}')
    from smoke.config.table import load_table

    environ = {**ENVIRON, **environ}
    settings = read_settings(load_table(root), root, environ, Flags())
    (folder / "records").mkdir()
    smoke = SmokeSession(settings, environ, folder / "records")
    client = Client(smoke.target(), smoke.contract, smoke.run, smoke.policy)
    seeding = Seeding(client, smoke.rules, client.target, smoke.gates_on, smoke.env)
    try:
        yield Actors(client, seeding, smoke)
    finally:
        await client.close()
        smoke.close()


def record_of(actors: Actors) -> str:
    """The run's record as it was written."""
    place: Path = actors.smoke.settings.root.parent / "records"
    return (place / "run.jsonl").read_text(encoding="utf-8")


ANN = '[actors.ann]\nemail = "ann@example.com"\n'
BOB = '[actors.bob]\nemail = "bob@example.com"\npassword = "{env:BOB_PASSWORD}"\n'
ROBOT = '[actors.robot]\nclient_id = "robot"\nclient_secret = "{env:ROBOT_SECRET}"\n'
WEB = 'client_id = "web-app"\nclient_secret = "{env:WEB_SECRET}"\n'


async def who(actors: Actors, name: str, operation: str) -> Any:
    """Who the server takes an actor for."""
    exchange = await actors.actor(name).call(operation)
    return (exchange.json or {}).get("who", exchange.status)


@pytest.mark.parametrize("client_auth", ["header", "body"])
async def test_oauth2_client_credentials(client_auth: str, tmp_path: Path) -> None:
    rules = f'[login]\nkind = "oauth2"\nclient_auth = "{client_auth}"\nscope = "read"\n{ROBOT}'
    ways = Ways()
    with serving(ways) as url:
        async with entering(tmp_path, url, rules) as actors:
            assert await who(actors, "robot", "GET /oauth/things") == "robot"
            assert await who(actors, "robot", "GET /oauth/things") == "robot"
            written = record_of(actors)
    assert ways.grants == ["client_credentials"]
    (token,) = ways.tokens
    assert token not in written
    assert CLIENTS["robot"] not in written


async def test_oauth2_password_grant_signs_in_each_actor(tmp_path: Path) -> None:
    rules = (
        f'[login]\nkind = "oauth2"\ngrant = "password"\nurl = "/oauth/token"\n{ANN}{WEB}{BOB}{WEB}'
    )
    ways = Ways()
    with serving(ways) as url:
        async with entering(tmp_path, url, rules) as actors:
            assert await who(actors, "ann", "GET /oauth/things") == "ann@example.com"
            assert await who(actors, "bob", "GET /oauth/things") == "bob@example.com"
            written = record_of(actors)
    assert ways.grants == ["password", "password"]
    assert [secret for secret in (*PEOPLE.values(), *ways.tokens) if secret in written] == []


async def test_oauth2_session_is_refreshed_in_time(tmp_path: Path) -> None:
    rules = f'[login]\nkind = "oauth2"\ngrant = "password"\n{ANN}{WEB}'
    ways = Ways(lives_s=-1)  # the library takes 0 for its default
    with serving(ways) as url:
        async with entering(tmp_path, url, rules) as actors:
            assert await who(actors, "ann", "GET /oauth/things") == "ann@example.com"
            assert await who(actors, "ann", "GET /oauth/things") == "ann@example.com"
    assert ways.grants == ["password", "refresh_token"]


ELSEWHERE = """
[login]
url = "{url}/elsewhere/sign-in"
body = {{ user = "{{email}}", secret = "{{password}}" }}
access = "/data/value"
"""


async def test_sign_in_at_another_host_may_answer_201(tmp_path: Path) -> None:
    ways = Ways()
    with serving(ways) as url, serving(ways) as elsewhere:
        async with entering(tmp_path, url, ELSEWHERE.format(url=elsewhere) + ANN) as actors:
            assert await who(actors, "ann", "GET /oauth/things") == "ann@example.com"
            (token,) = ways.tokens
            assert token not in record_of(actors)


@pytest.mark.parametrize("says_end", ["expires_in", "expires_at", "expires"])
async def test_opaque_token_that_ends_is_followed_by_another_sign_in(
    says_end: str, tmp_path: Path
) -> None:
    ways = Ways(lives_s=0, says_end=says_end)
    with serving(ways) as url:
        async with entering(tmp_path, url, ELSEWHERE.format(url="") + ANN) as actors:
            assert await who(actors, "ann", "GET /oauth/things") == "ann@example.com"
            assert await who(actors, "ann", "GET /oauth/things") == "ann@example.com"
    assert ways.grants == ["elsewhere", "elsewhere"]


async def test_refused_sign_in_is_masked_whatever_its_names(tmp_path: Path) -> None:
    with serving(Ways()) as url:
        rules = ELSEWHERE.format(url="") + ANN
        async with entering(tmp_path, url, rules, SMOKE_USER_PASSWORD="not-the-password") as actors:
            with pytest.raises(BrokenError, match=r"ann@example.com.* could not sign in: 403"):
                await who(actors, "ann", "GET /oauth/things")
            assert "a1b2c3d4e5f6a7b8c9d0" not in record_of(actors)


async def test_prefix_of_a_token_is_declared(tmp_path: Path) -> None:
    ways = Ways()
    with serving(ways) as url:
        rules = ELSEWHERE.format(url="") + 'prefix = "Token"\n' + ANN
        async with entering(tmp_path, url, rules) as actors:
            assert await who(actors, "ann", "GET /oauth/things") == "ann@example.com"
    assert ways.seen[0]["Authorization"].startswith("Token opaque")


async def test_basic_takes_the_account_of_each_actor(tmp_path: Path) -> None:
    with serving(Ways()) as url:
        async with entering(tmp_path, url, f'[login]\nkind = "basic"\n{ANN}{BOB}') as actors:
            assert await who(actors, "ann", "GET /basic/things") == "ann@example.com"
            assert await who(actors, "bob", "GET /basic/things") == "bob@example.com"
            written = record_of(actors)
    assert [secret for secret in PEOPLE.values() if secret in written] == []


@pytest.mark.parametrize("place", ["header", "query", "cookie"])
async def test_key_is_sent_in_the_place_of_its_scheme(place: str, tmp_path: Path) -> None:
    rules = f'[login]\nkind = "key"\nscheme = "{place}"\n[actors.ann]\nkey = "MY_KEY"\n'
    with serving(Ways()) as url:
        async with entering(tmp_path, url, rules) as actors:
            assert await who(actors, "ann", "GET /keys/things") == place
            assert KEY not in record_of(actors)


async def test_scheme_that_the_contract_lacks_is_declared(tmp_path: Path) -> None:
    scheme = '{ type = "apiKey", in = "header", name = "Authorization" }'
    login = f'[login]\nkind = "key"\nscheme = {scheme}\nprefix = "Token"\n'
    rules = f'{login}[actors.ann]\nkey = "MY_KEY"\n'
    with serving(Ways()) as url:
        async with entering(tmp_path, url, rules) as actors:
            assert await who(actors, "ann", "GET /keys/things") == "prefix"


async def test_first_alternative_that_the_actor_has_is_shown(tmp_path: Path) -> None:
    rules = '[login]\nkind = "key"\n[actors.ann]\nkeys = { header = "MY_KEY", query = "MY_KEY" }\n'
    with serving(Ways()) as url:
        async with entering(tmp_path, url, rules) as actors:
            assert await who(actors, "ann", "GET /keys/things") == "query"


async def test_command_prints_a_token_once(tmp_path: Path) -> None:
    count = tmp_path / "asked"
    script = tmp_path / "vault.py"
    script.write_text(f"open({str(count)!r}, 'a').write('x'); print({KEY!r})", encoding="utf-8")
    rules = f"[login]\nkind = 'key'\n[actors.ann]\ntoken_command = '{sys.executable} {script}'\n"
    async with listening(answer(200)) as server, entering(tmp_path, server.url, rules) as actors:
        for _ in range(2):
            await actors.actor("ann").call("GET /keys/things")
        assert {heard.headers["authorization"] for heard in server.heard} == {f"Bearer {KEY}"}
        assert KEY not in record_of(actors)
    assert count.read_text() == "x"


async def test_command_runs_again_before_its_token_ends(tmp_path: Path) -> None:
    soon = jwt.encode({"exp": datetime.now(UTC).timestamp() + 30}, "k" * 32, "HS256")
    rules = f"[login]\nkind = 'key'\n[actors.ann]\ntoken_command = 'echo {soon}'\n"
    async with listening(answer(200)) as server, entering(tmp_path, server.url, rules) as actors:
        ann = actors.actor("ann")
        assert (await ann.credential())["Authorization"] == f"Bearer {soon}"
        assert (await ann.credential())["Authorization"] == f"Bearer {soon}"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("false", "The token_command of ann ended with exit code 1"),
        ("no-such-command-here", "The token_command of ann cannot be started"),
        ("echo two words", "The token_command of ann must print one token and nothing else."),
    ],
)
async def test_command_that_fails_is_misuse(command: str, message: str, tmp_path: Path) -> None:
    rules = f"[login]\nkind = 'key'\n[actors.ann]\ntoken_command = '{command}'\n"
    async with entering(tmp_path, "http://127.0.0.1:9", rules) as actors:
        with pytest.raises(SmokeError, match=message):
            await actors.actor("ann").call("GET /keys/things")


COOKIE = """
[login]
kind = "cookie"
url = "/session"
form = true
body = { email = "{email}", password = "{password}" }
cookie = "session"

[login.csrf]
page = "/login"
%s
header = "X-CSRFToken"

[login.end]
operation = "POST /session/end"
"""


@pytest.mark.parametrize("csrf", ['pointer = "/csrf"', 'cookie = "csrftoken"'])
async def test_cookies_and_csrf_tokens_are_each_actor_s_own(csrf: str, tmp_path: Path) -> None:
    ways = Ways()
    with serving(ways) as url:
        async with entering(tmp_path, url, COOKIE % csrf + ANN + BOB) as actors:
            for name in ("ann", "bob"):
                email = f"{name}@example.com"
                assert await who(actors, name, "GET /session/things") == email
                assert await who(actors, name, "POST /session/things") == email
            await actors.leave()
            written = record_of(actors)
    cookies = {row["Cookie"] for row in ways.seen}
    assert len(cookies) == 2
    shown = [part.partition("=")[2] for cookie in cookies for part in cookie.split("; ")]
    assert [value for value in shown if value in written] == []


DJANGO = """
[login]
kind = "cookie"
url = "/accounts/login/"
form = true
body = { username = "{email}", password = "{password}" }
cookie = "sessionid"
csrf = { page = "/accounts/login/", cookie = "csrftoken", header = "X-CSRFToken" }

[login.end]
operation = "POST /accounts/logout/"
"""


@pytest.fixture
def django_site() -> Iterator[str]:
    """The URL of the Django site; no event loop runs here, as Django's database wants it."""
    SEEN.clear()
    with serving_app(site()) as url:
        yield url


async def test_django_s_own_sign_in_with_its_csrf_token(django_site: str, tmp_path: Path) -> None:
    async with entering(tmp_path, django_site, DJANGO + ANN + BOB) as actors:
        for name in ("ann", "bob"):
            email = f"{name}@example.com"
            assert await who(actors, name, "GET /session/things") == email
            assert await who(actors, name, "POST /session/things") == email
        await actors.leave()
        written = record_of(actors)
    shown = [value for cookies in SEEN for value in cookies.values()]
    assert len(set(shown)) == 4
    assert [value for value in shown if value in written] == []
    (tmp_path / "again").mkdir()
    rules = f"[actors.ann]\nheaders = {{ Cookie = 'sessionid={SEEN[0]['sessionid']}' }}\n"
    async with entering(tmp_path / "again", django_site, rules) as actors:
        assert await who(actors, "ann", "GET /session/things") == 401


async def test_django_that_shows_its_form_again_refuses(django_site: str, tmp_path: Path) -> None:
    wrong = {"SMOKE_USER_PASSWORD": "not-the-password"}
    async with entering(tmp_path, django_site, DJANGO + ANN, **wrong) as actors:
        with pytest.raises(BrokenError, match="could not sign in: 200"):
            await who(actors, "ann", "GET /session/things")


async def test_page_that_answers_200_without_a_session_is_a_refusal(tmp_path: Path) -> None:
    with serving(Ways()) as url:
        rules = COOKIE % 'pointer = "/csrf"' + ANN
        async with entering(tmp_path, url, rules, SMOKE_USER_PASSWORD="not-the-password") as actors:
            with pytest.raises(BrokenError, match="could not sign in: 200"):
                await who(actors, "ann", "GET /session/things")


async def test_static_headers_of_the_target_and_the_actor(tmp_path: Path) -> None:
    row = 'headers = { x-api-version = "2", x-gate = "{env:GATE_KEY}" }'
    rules = "[actors.ann]\nheaders = { x-tenant = 'acme' }\n[actors.bob]\n"
    async with (
        listening(answer(200)) as server,
        entering(tmp_path, server.url, rules, row, GATE_KEY="gate-key-123") as actors,
    ):
        await actors.actor("ann").call("GET /keys/things")
        await actors.actor("bob").call("GET /keys/things")
        await actors.actor("bob").fetch("GET", f"{server.url}/somewhere")
        assert "gate-key-123" not in record_of(actors)
    ann, bob, presigned = (heard.headers for heard in server.heard)
    assert (ann["x-api-version"], ann["x-gate"], ann["x-tenant"]) == ("2", "gate-key-123", "acme")
    assert (bob["x-api-version"], bob.get("x-tenant")) == ("2", None)
    assert presigned.get("x-gate") is None


async def test_target_with_signing_in_switched_off_needs_no_secret(tmp_path: Path) -> None:
    rules = f'[login]\nkind = "oauth2"\ngrant = "password"\n{ANN}{WEB}'
    async with listening(answer(200)) as server:
        row = 'auth = "off"'
        async with entering(tmp_path, server.url, rules, row, SMOKE_USER_PASSWORD="") as actors:
            await actors.actor("ann").call("GET /oauth/things")
    (heard,) = server.heard
    assert "authorization" not in heard.headers


async def test_client_certificate_is_shown(tmp_path: Path) -> None:
    own = authority(tmp_path)
    own.server("client", for_client=True)
    context = own.server("127.0.0.1")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(own.file)
    row = f'verify = "{own.file}"\nclient_cert = "{tmp_path}/client.pem"\n'
    key = f'client_key = "{tmp_path}/client.key"\n'
    (tmp_path / "b").mkdir()
    async with listening(answer(200), context) as server:
        async with entering(tmp_path, server.url, "[actors.ann]", row + key) as actors:
            assert (await actors.actor("ann").call("GET /keys/things")).status == 200
        bare = f'verify = "{own.file}"\n'
        async with entering(tmp_path / "b", server.url, "[actors.ann]", bare) as actors:
            assert (await actors.actor("ann").call("GET /keys/things")).status is None


async def test_aws_signature_covers_the_request(tmp_path: Path) -> None:
    rules = "[login]\nkind = 'aws'\nservice = 'execute-api'\nregion = 'eu-west-1'\n[actors.ann]\n"
    keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE0123", "AWS_SECRET_ACCESS_KEY": "aws-secret-0123"}
    async with (
        listening(answer(200)) as server,
        entering(tmp_path, server.url, rules, **keys) as actors,
    ):
        await actors.actor("ann").call("GET /keys/things")
        assert "aws-secret-0123" not in record_of(actors)
    shown = server.heard[0].headers["authorization"]
    assert shown.startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE0123/")
    assert "/eu-west-1/execute-api/aws4_request, SignedHeaders=" in shown
    assert "host;" in shown


class Message:
    """A request as httpx hands it to its auth hook."""

    method = "GET"
    url = SimpleNamespace(raw_path=b"/?Action=ListUsers&Version=2010-05-08")

    def __init__(self) -> None:
        self.headers = {
            "content-type": "application/x-www-form-urlencoded; charset=utf-8",
            "host": "iam.amazonaws.com",
        }

    def read(self) -> bytes:
        """The body."""
        return b""


def test_signature_is_that_of_the_published_example() -> None:
    """The example of "Create a signed AWS API request" in AWS's documentation."""
    message = Message()
    secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    moment = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
    Signature("AKIDEXAMPLE", secret, "iam", "us-east-1", clock=lambda: moment)(message)
    assert message.headers["authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, "
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    )


async def test_secret_that_is_written_down_is_refused(tmp_path: Path) -> None:
    rules = '[actors.ann]\npassword = "hunter2-hunter2"\n'
    with pytest.raises(DataError, match=r"actors\.ann\.password is .* Allowed: {env:NAME}"):
        async with entering(tmp_path, "http://127.0.0.1:9", rules):
            pass


async def test_variable_that_is_not_set_is_named_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^BOB_PASSWORD is not set, but the rules"):
        async with entering(tmp_path, "http://127.0.0.1:9", BOB, BOB_PASSWORD=""):
            pass
