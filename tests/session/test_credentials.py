"""What a user hands in as a secret can be sent and masked, or nothing is sent at all."""

import asyncio
from pathlib import Path

import pytest

from smoke.config.rules import Rules, Seed, parse
from smoke.config.targets import Target
from smoke.errors import ConfigError, SmokeError
from smoke.session.credentials import credentials_of
from smoke.session.seeding import must_have_emails, password_of
from tests.loopback import answer, listening
from tests.smoking import smoke_run
from tests.unlike.projects import KEYS, project_of

RULES = parse('[login]\nkind = "key"\n[actors.owner]\nkey = "MY_KEY"\n')
TARGET = Target("t", base_url="https://api.example.com")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "Actor 'owner' signs in with a key: set MY_KEY."),
        ("key-0123456789\n", "MY_KEY has a line break at its end, which no header can carry. "),
        (
            "key-\r\n0123456789",
            "MY_KEY has a line break at character 5, which no header can carry.",
        ),
        ("kéy-0123456789", "MY_KEY has the character 'é' at character 2, which no header can"),
        ("key\x00-0123456789", "MY_KEY has a control character at character 4, which no header"),
        (" key-0123456789", "MY_KEY begins or ends with a space or tab. Nothing was sent."),
        ("short", "MY_KEY is shorter than 6 characters, so it could not be masked"),
    ],
)
def test_key_that_cannot_be_used_is_refused(value: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        credentials_of(RULES, TARGET, {"MY_KEY": value})
    assert str(caught.value).startswith(message)
    assert "0123456789" not in str(caught.value)


async def test_run_with_a_key_that_no_header_can_carry_sends_nothing(tmp_path: Path) -> None:
    async with listening(answer(401)) as server:
        root = project_of("notes", tmp_path / "notes", f'base_url = "{server.url}"')
        environ = {**KEYS, "NOTES_KEY_OWNER": "key-0123456789\n"}
        run = await asyncio.to_thread(smoke_run, tmp_path, root=root, **environ)
    assert (run.code, server.heard) == (4, []), run.out
    assert "NOTES_KEY_OWNER has a line break at its end" in run.out


ACCOUNTS = parse('[login]\noperation = "POST /login"\n[actors.owner]\nemail = "o@example.com"\n')
SEEDED = Rules(login=ACCOUNTS.login, actors=ACCOUNTS.actors, seed=Seed("POST /seed"))


def refused(target: Target, rules: Rules = SEEDED) -> str:
    with pytest.raises(SmokeError) as caught:
        password_of(target, rules)
    return str(caught.value)


@pytest.mark.parametrize("url", ["https://api.example.com", "http://127.0.0.1:8000"])
def test_accounts_that_stay_get_no_fixed_and_no_short_password(url: str) -> None:
    assert refused(Target("t", base_url=url)).startswith("SMOKE_USER_PASSWORD is not set. Set it")
    short = Target("t", base_url=url, user_password="elevenchars")
    assert refused(short).startswith("SMOKE_USER_PASSWORD is shorter than 12 characters.")
    assert password_of(Target("t", base_url=url, user_password="twelve-chars"), SEEDED)


def test_password_of_accounts_that_exist_must_be_long_enough_to_mask() -> None:
    known = Target("t", base_url="https://x", seeded=True, user_password="5char")
    assert "could not be masked in every output" in refused(known)
    assert "could not be masked in every output" in refused(known, ACCOUNTS)


def test_service_that_we_started_gets_another_password_each_time() -> None:
    ours = Target("t", base_url="http://127.0.0.1:1", serve="some.module")
    first, second = password_of(ours, SEEDED), password_of(ours, SEEDED)
    assert first != second
    assert len(first) > 24


def without_emails(target: Target) -> str:
    login = 'operation = "POST /login"\nbody = { user = "{email}", password = "{password}" }'
    rules = parse(f"[login]\n{login}\n[actors.owner]\n[actors.reader]\n")
    try:
        must_have_emails(target, rules)
    except ConfigError as error:
        return str(error)
    return ""


def test_actor_without_an_email_is_misuse_before_it_signs_in() -> None:
    first, second = without_emails(TARGET).splitlines()
    assert first == (
        "SMOKE_USER_EMAIL is not set, and [actors.owner] of the rules has no email. "
        "Set one of them."
    )
    assert second == "[actors.reader] of the rules has no email, so reader cannot sign in. Add it."
    given = Target("t", base_url="https://x", user_email="o@example.com", actors=("owner",))
    assert without_emails(given) == ""
