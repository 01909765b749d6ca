"""
The whole suite of this project against each liar of its contract.

Signing in, the key set and seeding stay honest: else the first check would be the only one that
ran. Everything else is answered by the liar.
"""

from pathlib import Path
from urllib.parse import urlsplit

import httpx

from smoke.contract import Contract
from tests.faults.deployment import Bench
from tests.faults.entries import Harmless, Proxied
from tests.faults.interference import Begin
from tests.faults.proxy import Answered, Asked, Forward
from tests.faults.smoke_run import ROOT, TARGET, command_of, environment_of, executed, prepare
from tests.liar.service import liar
from tests.smoking import Finished

HONEST = (
    "/.well-known/jwks.json", "/health", "/health/ready", "/api/v1/auth/token",
    "/api/v1/auth/refresh", "/api/v1/auth/logout", "/api/v1/test-fixtures/apply",
)  # fmt: skip


def lying(mode: str) -> Begin:
    """Answer everything but the honest operations with the liar of this project's contract."""
    app = liar(Contract.load(ROOT / "openapi/api-service.json"), mode)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://liar")

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        if asked.path in HONEST:
            return await forward(asked)
        url = f"{asked.path}?{asked.query}" if asked.query else asked.path
        found = await client.request(
            asked.method, url, headers=asked.headers, content=asked.body or None
        )
        kept = [(k, v) for k, v in found.headers.items() if k.lower() != "content-length"]
        return Answered(found.status_code, kept).write(found.content)

    return lambda: interfere


def lied_to_suite(mode: str, folder: Path) -> Finished:
    """Run the whole suite of this project against a liar of its contract."""
    prepare(folder)
    bench = Bench()
    try:
        with bench.deployed(Harmless("liar", Proxied(lying(mode)))) as url:
            command = command_of(folder, "--base-url", url, "--maxfail=0")
            done = executed(command, environment_of(folder), folder)
    finally:
        bench.close()
    (folder / ".smoke" / TARGET).rename(folder / ".smoke/staging")
    return Finished(done.exit, done.output, folder / ".smoke")


def sent_by(run: Finished) -> dict[str, list[tuple[str, bool]]]:
    """
    The requests that each check expects something of, its cleanup left out.

    Each with its method, and whether the sound service answered it.
    """
    found = dict[str, list[tuple[str, bool]]]()
    looked_at = {row["exchange"] for row in run.record("expectation")}
    for row in run.record("exchange"):
        if row["number"] not in looked_at:
            continue
        is_honest = urlsplit(row["url"]).path in HONEST
        found.setdefault(row["check"], []).append((row["method"], is_honest))
    return found
