"""Signing in by a form: cookies, CSRF tokens, and Django's own sign-in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from smoke.errors import BrokenError
from tests.session.django_site import SEEN, site
from tests.session.entering import ANN, BOB, entering, record_of, who
from tests.session.ways import Ways, serving, serving_app

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
