"""Secrets are masked by value, in every spelling, and found before they are written down."""

import html
import io
import json
import logging
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.results.secret_detection import learn
from smoke.results.secrets import BETWEEN, MaskedStream, Secrets, mask_logs

NASTY = 'p4ss/wo+rd "q"&<\'é>'

SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "URL": lambda text: quote(text, safe=""),
    "URL path": quote,
    "form": quote_plus,
    "lower-case hex": lambda text: re.sub("%..", lambda hit: hit[0].lower(), quote(text, safe="")),
    "JSON": json.dumps,
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "JSON of UTF-8": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON careful with HTML": lambda text: json.dumps(text).translate(
        {ord(char): f"\\u{ord(char):04x}" for char in "<>&'"}
    ),
    "HTML": html.escape,
    "repr": repr,
    "base64": lambda text: b64encode(text.encode()).decode(),
    "base64 behind one byte": lambda text: b64encode(b":" + text.encode()).decode(),
    "Basic": lambda text: b64encode(f"me:{text}".encode()).decode(),
    "base64url": lambda text: urlsafe_b64encode(text.encode()).decode(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_secret_is_masked_in_every_spelling(spelling: str) -> None:
    secrets = Secrets()
    secrets.register(NASTY, "SMOKE_USER_PASSWORD")
    spelled = SPELLINGS[spelling](NASTY)
    masked = secrets.mask(f"before {spelled} after")
    assert "$SMOKE_USER_PASSWORD" in masked
    core = spelled.strip("\"'")[4:-6]
    assert core not in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")


@given(
    value=st.text(st.characters(exclude_categories=["Cs"]), min_size=6, max_size=24),
    spelling=st.sampled_from([name for name in SPELLINGS if "base64" not in name]),
    around=st.tuples(st.text(max_size=40), st.text(max_size=40)),
)
def test_secret_is_found_wherever_it_stands(
    value: str, spelling: str, around: tuple[str, str]
) -> None:
    secrets = Secrets()
    secrets.register(value, "A")
    spelled = SPELLINGS[spelling](value)
    core = spelled[1:-1] if "JSON" in spelling or spelling == "repr" else spelled
    core = core.removeprefix('\\"').removesuffix('\\"') if "JSON in" in spelling else core
    text = core.join(around)
    assert "$A" in secrets.mask(text)
    assert secrets.are_in(json.dumps(text, ensure_ascii=False))


@pytest.mark.parametrize("value", [NASTY, "six666", 's"ven-7', f"with{BETWEEN}in it", "é" * 7])
def test_texts_are_masked_together_as_they_are_one_by_one(value: str) -> None:
    secrets = Secrets()
    secrets.register(value, "SMOKE_A")
    texts = ["", value, f"<{value}>", "other", f"{BETWEEN}{value}", value[:3], value[3:]]
    for some in (texts, texts[:4], texts[5:]):
        assert secrets.mask_all(some) == [secrets.mask(text) for text in some]


def test_what_holds_no_secret_is_known_at_once() -> None:
    secrets = Secrets()
    assert not secrets.are_in('{"a": "anything"}')
    secrets.register("one-secret-value", "SMOKE_A")
    assert not secrets.are_in('{"a": "anything"}')
    assert secrets.knows("one-secret-value")
    assert not secrets.knows("another-secret")
    for text in ("Bearer one-secret-value", "one-secret-value x", "one-secret-value", "x y", ""):
        assert secrets.mask_credential(text) == secrets.mask(text)


def test_other_text_is_left_alone() -> None:
    secrets = Secrets()
    secrets.register("one-secret-value", "SMOKE_A")
    assert secrets.mask("nothing to hide") == "nothing to hide"


def test_longer_secret_wins_over_one_inside_it() -> None:
    secrets = Secrets()
    secrets.register("inner-secret", "SMOKE_INNER")
    secrets.register("outer-inner-secret-outer", "SMOKE_OUTER")
    assert secrets.mask("outer-inner-secret-outer inner-secret") == "$SMOKE_OUTER $SMOKE_INNER"


def test_short_values_would_hit_ordinary_words() -> None:
    secrets = Secrets()
    secrets.register("admin", "SMOKE_USER_PASSWORD")
    assert secrets.mask("the admin page") == "the admin page"


def test_name_given_on_purpose_replaces_the_provisional_one() -> None:
    secrets = Secrets()
    secrets.register("abcdef-123456", "SMOKE_SECRET_OWNER_TOKEN")
    secrets.register("abcdef-123456", "SMOKE_TOKEN_OWNER")
    secrets.register("abcdef-123456", "SMOKE_TOKEN_LATER")
    assert secrets.mask("abcdef-123456") == "$SMOKE_TOKEN_OWNER"


def learned(body: bytes = b"", **headers: str) -> Secrets:
    secrets = Secrets()
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    learn(secrets, "the owner", (told,), (body,))
    return secrets


JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJlLW9mLWl0"
SIGNED = (
    "https://bucket.example.com/o/1?X-Amz-Credential=AKIA%2F1&X-Amz-Signature=0123456789abcdef01"
)


@pytest.mark.parametrize(
    ("body", "secret"),
    [
        (b'{"access_token": "opaque-token-4711-of-mine"}', "opaque-token-4711-of-mine"),
        (
            b'{"data": [{"refresh_token": "opaque-token-4712-of-mine"}]}',
            "opaque-token-4712-of-mine",
        ),
        (b'{"password": "correct-horse"}', "correct-horse"),
        (b'{"api_key": "k3y-0f-the-api"}', "k3y-0f-the-api"),
        (b'{"secret": "JBSWY3DPEHPK3PXP"}', "JBSWY3DPEHPK3PXP"),
        (b'{"client_secret": "cs_0123456789"}', "cs_0123456789"),
        (f'{{"upload_url": "{SIGNED}"}}'.encode(), SIGNED),
        (f'{{"upload_url": "{SIGNED}"}}'.encode(), "0123456789abcdef01"),
        (f"boom: Bearer {JWT} is bad".encode(), JWT),
        (b'{"note": "key sk_live_0123456789abcdef"}', "sk_live_0123456789abcdef"),
        (b"grant=x&password=form-pass-1", "form-pass-1"),
        (b'{"token": "cut-0ff-in-the-middle", "rest": [', "cut-0ff-in-the-middle"),
        (b'data: {"token": "of-an-event-in-a-stream-1"}\n\n', "of-an-event-in-a-stream-1"),
        (b'\n {"token": "behind-an-empty-line-1"}', "behind-an-empty-line-1"),
        (b'[[{"a": {"tokens": ["in-a-list-of-lists-01"]}}]]', "in-a-list-of-lists-01"),
        (f'["{SIGNED}"]'.encode(), "0123456789abcdef01"),
        (b'{"pass\\u0077ord": "correct-horse-2"}', "correct-horse-2"),
    ],
)
def test_what_looks_secret_in_a_body_is_learned(body: bytes, secret: str) -> None:
    assert secret not in learned(body).mask(f"<{secret}>")


@pytest.mark.parametrize(
    "name",
    ["password", "Passphrase", "passwd", "secret", "token", "jwt", "apiKey", "API_KEY",
     "access_key", "accesskey", "private_key", "signingKey", "credential", "recovery_code",
     "recoverycode", "otp", "an_otp", "authorization", "signature", "a_sig", "sig"],
)  # fmt: skip
def test_member_is_secret_by_its_name(name: str) -> None:
    secret = "opaque-0123456789-abc"
    assert secret not in learned(json.dumps({name: secret}).encode()).mask(secret)


@pytest.mark.parametrize(
    "body",
    [
        b'{"token_type": "bearer12", "token_use": "access-1"}',
        b'{"next_page_token": "eyIxIjoyfQ-page-2-cursor"}',
        b'{"token_provider": "openai"}',
        b'{"password_policy": "at least 8 characters"}',
        b'{"idempotency_key": "order-2024-0001", "workflow_key": "triage-00001"}',
        b'{"id": "7c9e6679-7425-40de-944b-e07fc1f90ae7"}',
    ],
)
def test_what_only_speaks_of_secrets_is_left_alone(body: bytes) -> None:
    assert learned(body).mask(body.decode()) == body.decode()


def test_body_that_comes_again_is_learned_by_another_run_too() -> None:
    body = b'{"refresh_token": "opaque-token-4713-of-mine"}'
    for _ in range(2):
        assert "opaque" not in learned(body).mask("<opaque-token-4713-of-mine>")


def test_credentials_of_headers_are_learned() -> None:
    secrets = learned(
        authorization="Bearer 0paque-bearer", x_api_key="0paque-key-1",
        set_cookie="session=0paque-cookie-1; Path=/; HttpOnly", location=SIGNED,
    )  # fmt: skip
    for secret in ("0paque-bearer", "0paque-key-1", "0paque-cookie-1", "0123456789abcdef01"):
        assert secret not in secrets.mask(f"<{secret}>")
    assert secrets.mask("HttpOnly") == "HttpOnly"


def test_name_says_where_a_secret_was_found() -> None:
    masked = learned(b'{"access_token": "opaque-token-4711"}').mask("opaque-token-4711")
    assert masked == "$SMOKE_SECRET_THE_OWNER_ACCESS_TOKEN"


def test_stream_masks_what_is_written_through_it() -> None:
    secrets, real = Secrets(), io.StringIO()
    secrets.register("abcdef-123456", "SMOKE_TOKEN_OWNER")
    stream = MaskedStream(real, secrets.mask)
    assert stream.write("token abcdef-123456\n") == 20
    stream.flush()
    assert real.getvalue() == "token $SMOKE_TOKEN_OWNER\n"
    assert not stream.isatty()


def test_logs_are_masked_until_it_is_undone(caplog: pytest.LogCaptureFixture) -> None:
    secrets = Secrets()
    secrets.register("abcdef-123456", "SMOKE_TOKEN_OWNER")
    logger = logging.getLogger("a.library")
    undo = mask_logs(secrets)
    try:
        logger.warning("sent %s", "abcdef-123456")
    finally:
        undo()
    logger.warning("plain %s", "text")
    assert caplog.messages == ["sent $SMOKE_TOKEN_OWNER", "plain text"]
