"""
The hand-written suite of api-service against liars of its contract.

A liar that answers the sign-in with an example is red after a few requests, as its token is not
one. So here the sign-in, the seeding and the published keys are those of a sound service behind the
liar: all checks run, and the table shows how many of them an answer alone convinces.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import httpx
from fastapi import FastAPI, Request, Response

from smoke.contract import Contract
from smoke.session.service_process import Service
from tests.faults.deployment import environment
from tests.liar.reasons import why_a_written_check_is_green
from tests.liar.service import METHODS, MODES, Liar
from tests.smoking import ROOT, smoke_run
from tests.unlike.serve import serving

if TYPE_CHECKING:
    from tests.smoking import Finished

HONEST = (
    *("/health/ready", "/openapi.json", "/.well-known/jwks.json", "/api/v1/auth/token"),
    *("/api/v1/auth/refresh", "/api/v1/test-fixtures/apply"),
)
"""The paths of what a run needs to begin."""


def liar_before(url: str, contract: Contract, mode: str) -> FastAPI:
    """A liar that passes on to a sound service what a run needs to begin."""
    app, lie = FastAPI(openapi_url=None), Liar(contract, mode)
    sound = httpx.AsyncClient(base_url=url)

    async def handle(request: Request) -> Response:
        if request.url.path not in HONEST:
            return await lie.handle(request)
        kept = {k: v for k, v in request.headers.items() if k not in ("host", "content-length")}
        sent = await request.body()
        found = await sound.request(request.method, request.url.path, content=sent, headers=kept)
        shown = {k: v for k, v in found.headers.items() if k.startswith(("content-type", "x-"))}
        return Response(found.content, found.status_code, shown)

    app.add_api_route("/{path:path}", handle, methods=METHODS)
    return app


def runs(*arguments: str) -> "Iterator[tuple[str, Finished]]":
    """Run the suite of this project against each liar of its contract."""
    contract = Contract.load(ROOT / "openapi/api-service.json")
    with ExitStack() as stack:
        service = Service("smoke.reference", environment())
        stack.callback(service.stop)
        for mode in MODES:
            folder = stack.enter_context(TemporaryDirectory(prefix="liar-"))
            url = stack.enter_context(serving(liar_before(service.url, contract, mode)))
            target = ("--target=staging", f"--base-url={url}", "--maxfail=0")
            yield mode, smoke_run(Path(folder), *target, *arguments)


def is_written(check: str) -> bool:
    """Whether a check is written by hand, and not an entry of the plan or derived."""
    return " " not in check.partition("[")[0] and not check.startswith(("refusals.", "readback."))


def table(found: "list[tuple[str, Finished]]") -> Iterator[str]:
    """The figures of all runs, and the hand-written checks that stay green with their reasons."""
    yield "The hand-written suite of api-service; sign-in and seeding are those of a sound service:"
    yield ""
    yield "| liar | exit code | red | green | of these written by hand |"
    yield "|---|---|---|---|---|"
    green: dict[str, list[str]] = {}
    for mode, run in found:
        ends = {row["check"]: row["outcome"] for row in run.record("check")}
        counts = Counter(ends.values())
        written = [check for check, end in ends.items() if end == "passed" and is_written(check)]
        for check in written:
            green.setdefault(check, []).append(mode)
        figures = (run.code, counts["failed"], counts["passed"], len(written))
        yield f"| {mode} | {' | '.join(map(str, figures))} |"
    yield ""
    for check, modes in sorted(green.items()):
        reason = why_a_written_check_is_green(check) or "**no reason is known**"
        yield f"- `{check}` ({', '.join(modes)}): {reason}"
