"""A caller fetches the URLs that a service handed out; their secret part is masked."""

import pytest

from smoke.session.caller import Caller
from tests.http.test_client import client_of
from tests.loopback import answer, listening

SIGNED = "X-Signature=0123456789abcdef0123456789abcdef&X-Expires=60"
TOKEN = "objects-token-0123456789abcdef0123456789"


@pytest.mark.parametrize("path", [f"/v1/objects/a?{SIGNED}", f"/v1/{TOKEN}/a"])
async def test_signature_is_masked_and_the_address_is_not(path: str) -> None:
    async with listening(answer(200, b"{}")) as server:
        client = client_of(server.url)
        await Caller(client).fetch("PUT", server.url + path)
        await client.close()
    mask = client.run.secrets.mask
    for secret in (SIGNED, TOKEN):
        assert (secret not in mask(server.url + path)) or secret not in path
    assert mask(f"{server.url}/v1/books/7") == f"{server.url}/v1/books/7"
