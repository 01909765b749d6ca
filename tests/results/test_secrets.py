"""Secrets are masked by value, in every spelling, and found before they are written down."""

import io
import json
import logging
import pprint
import re
import time
from base64 import b64encode
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smoke.results.exchange import Headers
from smoke.results.masked_output import MaskedStream, mask_logs
from smoke.results.secret_detection import learn
from smoke.results.secrets import BETWEEN, Secrets
from tests.results.spellings import SPELLINGS

NASTY = 'p4ss/wo+rd "q"&<\'é>'
OPAQUE = "Zq7_opaque-Token+With/Signs=and.Dots~0123456789"


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("secret", [NASTY, OPAQUE])
def test_secret_is_masked_in_every_spelling(spelling: str, secret: str) -> None:
    secrets = Secrets()
    secrets.register(secret, "SMOKE_USER_PASSWORD")
    spelled = SPELLINGS[spelling](secret)
    masked = secrets.mask(f"before {spelled} after")
    assert "$SMOKE_USER_PASSWORD" in masked
    core = spelled.strip("\"'")[4:-6]
    assert core not in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")


def is_no_escape(text: str) -> bool:
    """Whether a text and what comes after it cannot together be read as an escape."""
    return not text.endswith(("%", "\\", "&", "="))


CODED = ("base64", "hexadecimal", "quoted-printable", "lines", "letters", "capitals", "URL in")


@given(
    value=st.text(st.characters(exclude_categories=["Cs"]), min_size=6, max_size=24),
    spelling=st.sampled_from([name for name in SPELLINGS if not any(c in name for c in CODED)]),
    around=st.tuples(st.text(max_size=40).filter(is_no_escape), st.text(max_size=40)),
)
@example(value="00000\\", spelling="plain", around=("", ""))
def test_secret_is_found_wherever_it_stands(
    value: str, spelling: str, around: tuple[str, str]
) -> None:
    secrets = Secrets()
    secrets.register(value, "A")
    text = SPELLINGS[spelling](value).join(around)
    assert "$A" in secrets.mask(text)
    assert secrets.are_in(json.dumps(text, ensure_ascii=False))


@pytest.mark.parametrize("kind", [str, str.encode])
def test_secret_in_a_literal_that_pytest_cut_into_lines_is_masked(kind: Any) -> None:
    secrets = Secrets()
    secrets.register(OPAQUE, "A")
    literal = pprint.pformat(kind(f"before {quote(OPAQUE)} {json.dumps([OPAQUE])}"), width=30)
    masked = secrets.mask(literal)
    assert masked.count("$A") == 2
    assert "Signs" not in masked


def test_what_stands_around_a_secret_stays_as_it_is() -> None:
    secrets = Secrets()
    secrets.register(OPAQUE, "A")
    text = f"%41\\u0041 &amp; 'é' \U0001f600 \n {quote(OPAQUE)}%20\\n" + "\n  tail"
    assert secrets.mask(text) == text.replace(quote(OPAQUE), "$A")


@pytest.mark.parametrize("size", [24, 60, 118])
def test_what_is_left_of_a_secret_that_was_cut_is_masked(size: int) -> None:
    secrets = Secrets()
    secrets.register(JWT * 3, "SMOKE_TOKEN")
    head, tail = (JWT * 3)[:size], (JWT * 3)[-size:]
    assert secrets.mask(f"token = '{head}...{tail}'") == "token = '$SMOKE_TOKEN...$SMOKE_TOKEN'"


def test_key_that_nobody_knows_is_not_taken_for_one_that_begins_alike() -> None:
    secrets = Secrets()
    begin = "-----BEGIN PRIVATE KEY-----\n"
    secrets.register(f"{begin}{'c2VjcmV0' * 8}\n-----END PRIVATE KEY-----", "SMOKE_KEY")
    assert secrets.mask(f"{begin}(left out)") == f"{begin}(left out)"


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
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    learn(secrets, "the owner", (sent,), (body,))
    return secrets


def b64(before: bytes, text: bytes) -> bytes:
    return before + b64encode(text)


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
        (b'{"name": "DB_PASSWORD", "value": "of-a-variable-1"}', "of-a-variable-1"),
        (b'[{"value": "of-a-variable-2", "key": "api-token"}]', "of-a-variable-2"),
        (b'{"dsn": "postgres://app:of-a-database-1@db:5432/x"}', "of-a-database-1"),
        (b"cannot connect to amqp://me:of-a-queue-1@mq/", "of-a-queue-1"),
        (b"denied: Bearer opaque-bearer-4711", "opaque-bearer-4711"),
        (b64(b"Basic ", b"me:of-basic-auth-1"), "of-basic-auth-1"),
        (b"<a><password>of-xml-1</password></a>", "of-xml-1"),
        (b'<add key="DbPassword" value="of-xml-2"/>', "of-xml-2"),
        (b"db:\n  password: of-yaml-1\n", "of-yaml-1"),
        (b"DB_PASSWORD='of-a-shell-1'\n", "of-a-shell-1"),
        (b'{"log": "{\\"client_secret\\": \\"in-json-in-json-1\\"}"}', "in-json-in-json-1"),
        (b"q=%7B%22password%22%3A%22in-a-url-1%22%7D", "in-a-url-1"),
        (b'{"next": "/cb?access_token=in-a-link-1"}', "in-a-link-1"),
        (b'{"next": "https://a.example/cb#id_token=in-a-fragment-1"}', "in-a-fragment-1"),
        (b'{"next": "https://a.example/cb?code=0auth-code-4711"}', "0auth-code-4711"),
        (b'{"a": [' + b'"x",' * 50_000 + b'{"password": "far-behind-1"}]}', "far-behind-1"),
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
        b'{"password": "failed", "secret": "required", "token": "expired"}',
        b'{"tokens_left": "149984", "token_count": "150000"}',
        b'{"password": "must have 8 characters"}',
        b'{"name": "author", "value": "somebody-else-1"}',
        b"Basic authentication is required; see https://a.example/?page=123456",
        b'{"error": {"code": "invalid_request_error_01"}}',
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


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("X-Subject-Token", "Zq1subjecttoken99887766", "Zq1subjecttoken99887766"),
        ("Private-Token", "Zq2privatetoken99887766", "Zq2privatetoken99887766"),
        ("X-Access-Token", "Zq3accesstoken998877665", "Zq3accesstoken998877665"),
        ("Location", "https://a.example/cb?access_token=Zq4query99887", "Zq4query99887"),
        ("Location", "/cb#access_token=Zq5fragment998&token_type=bearer", "Zq5fragment998"),
        ("Authorization", f"Basic {b64encode(b'me:Zq6-basic').decode()}", "Zq6-basic"),
        ("X-Debug", "Authorization: Bearer Zq7debug99887766", "Zq7debug99887766"),
        ("Set-Cookie", "session_token=Zq8cookie1; Path=/; HttpOnly", "Zq8cookie1"),
        ("X-Csrf-Token", "Zq9csrf0123", "Zq9csrf0123"),
    ],
)
def test_what_looks_secret_in_a_header_is_learned(name: str, value: str, secret: str) -> None:
    secrets = Secrets()
    learn(secrets, "owner", ({name: value},), ())
    assert secret not in secrets.mask(f"<{secret}>")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-ratelimit-remaining-tokens", "149984"),
        ("access-control-allow-headers", "authorization, x-api-key, x-csrf-token"),
        ("set-cookie", "lang=en; Path=/; Secure"),
        ("www-authenticate", 'Bearer realm="https://auth.example/token", error="invalid_token"'),
        ("location", "/jobs/7c9e6679-7425-40de-944b-e07fc1f90ae7?page=2"),
    ],
)
def test_header_that_only_speaks_of_secrets_is_left_alone(name: str, value: str) -> None:
    secrets = Secrets()
    learn(secrets, "owner", ({name: value},), ())
    assert secrets.mask(value) == value


def test_every_cookie_of_an_answer_is_learned() -> None:
    secrets, lines = Secrets(), [("Set-Cookie", "lang=en"), ("Set-Cookie", "sid=Zq8second0cookie")]
    learn(secrets, "owner", (Headers(lines),), ())
    assert secrets.mask("Zq8second0cookie lang=en") == "$SMOKE_SECRET_OWNER_SET_COOKIE lang=en"


REPEATED = ("eyJ", "eyJ.", "eyJaaaaaaaa.", "xoxa-", "sk-", "-----BEGIN ", 'token="', "token: ",
            "<key>", "a://b:", "?token=", "bearer ", "%41token", "\\u0041token", "\\", "&amp;",
            '"key":"', '{"token":[', 'name="key" ', "token\n", "token ")  # fmt: skip


@pytest.mark.parametrize("piece", REPEATED)
def test_time_for_a_body_grows_as_the_body_does(piece: str) -> None:
    times = []
    for size in (30_000, 240_000):
        secrets, text = Secrets(), (piece * size)[:size]
        secrets.register(JWT, "SMOKE_TOKEN")
        before = time.process_time()
        learn(secrets, "owner", (), (text.encode(),))
        secrets.mask(text)
        times.append(time.process_time() - before)
    assert times[1] < 1.0
    assert times[1] < 8 * 5 * max(times[0], 0.002)


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


@pytest.mark.parametrize(
    "command",
    [
        *("::error::x", " \t::error::x", "##[error]x", "a ##vso[task.x]y", "a\r::error::x"),
        *("\u00a0::error::x", "\u3000 ::error::x", "\u2028::error::x", "###[error]x"),
    ],
)
def test_text_of_a_service_commands_no_ci(command: str) -> None:
    real = io.StringIO()
    stream = MaskedStream(real, str)
    for text in (f"one\n{command}\n", f"{command}", f" {command}\n", f"   \n{command}"):
        stream.write(text)
    for line in real.getvalue().splitlines():
        assert not line.lstrip().startswith("::")
        assert not re.search(r"##\w*\[", line)
    assert real.getvalue().startswith("one\n")


@pytest.mark.parametrize("command", ["::error::x", "##[error]x", "a ##vso[task.x]y", "  ::a::b"])
def test_command_that_is_written_in_pieces_commands_no_ci(command: str) -> None:
    for cut in range(1, len(command)):
        real = io.StringIO()
        stream = MaskedStream(real, str)
        for piece in (command[:cut], command[cut:], "\n", *command):
            stream.write(piece)
        for line in real.getvalue().splitlines():
            assert not line.lstrip().startswith("::"), cut
            assert not re.search(r"##\w*\[", line), cut


def test_command_of_ours_and_what_only_looks_like_one_stay() -> None:
    real = io.StringIO()
    stream = MaskedStream(real, str)
    stream.command("::error title=x::y")
    stream.write("std")
    stream.write("::vector ## heading\nat tests::test_a")
    assert real.getvalue() == "::error title=x::y\nstd::vector ## heading\nat tests::test_a"
