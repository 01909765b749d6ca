"""Credentials that a target has: headers, certificates, signatures, and secrets from variables."""

import ssl
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from smoke.errors import ConfigError, DataError
from smoke.http.aws_signature import Signature
from tests.http.certificates import authority
from tests.loopback import answer, listening
from tests.session.entering import ANN, BOB, WEB, entering, record_of


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
