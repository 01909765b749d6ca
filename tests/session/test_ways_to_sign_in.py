"""OAuth 2, basic, keys and commands are declared in the rules, and work against a real server."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import jwt
import pytest

from smoke.errors import BrokenError, SmokeError
from tests.loopback import answer, listening
from tests.session.entering import ANN, BOB, WEB, entering, record_of, who
from tests.session.ways import CLIENTS, KEY, PEOPLE, Ways, serving

ROBOT = '[actors.robot]\nclient_id = "robot"\nclient_secret = "{env:ROBOT_SECRET}"\n'


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
