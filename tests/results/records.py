"""Records for tests of reports, written by a real run; some of what they hold is hostile."""

from pathlib import Path
from typing import Any

from smoke.errors import Cause
from smoke.results.exchange import Exchange
from smoke.results.failure import asked, details, sentence
from smoke.results.ledger import Account, Ledger, Row
from smoke.results.outcome import CheckResult, Outcome
from smoke.results.record import Record
from smoke.results.record_reader import read
from smoke.results.run import Run
from smoke.results.secrets import Secrets
from smoke.results.verdict import Verdict, closing, verdict_of

READ, MAKE, GONE = "GET /books/{book_id}", "POST /books", "DELETE /books/{book_id}"
HOSTILE = """</script><script>window.hacked = 1</script><img src=x onerror="window.hacked=2">"]]>"""
TRACE_URL = "https://traces.example.com/t/{trace_id}?span={span_id}"

GATES = [
    {"name": "books", "state": "on", "source": "file", "shut": "no books", "flag": "SMOKE_B"},
    {"name": "films", "state": "off", "source": "default", "shut": "no films", "flag": "SMOKE_F"},
    {"name": "maps", "state": "off", "source": "--gate", "shut": "no maps", "flag": "SMOKE_M"},
]


def begun(path: Path | None, target: str = "local", **header: Any) -> Run:
    """A run that has begun: its record has a header."""
    run = Run(target, Secrets(), path)
    run.secrets.register("token-of-the-owner", "SMOKE_TOKEN_OWNER")
    fields: dict[str, Any] = {
        "url": "http://127.0.0.1:8000",
        "serve": "",
        "smoke": "0.1.0",
        "python": "3.11.0",
        "contract": {"name": "shelf.json", "digest": "sha256:00112233445566", "operations": 3},
        "gates": GATES,
        "set": [{"key": "timeout_s", "value": "3.0", "source": "SMOKE_HTTP_TIMEOUT"}],
        "trace_url": "",
        "again": f"nox -s smoke-{target} --",
    }
    run.begin(**fields | header)
    return run


def sent(run: Run, operation: str = READ, status: int | None = 200, **more: Any) -> Exchange:
    """An exchange the run saw, as part of the check that is current."""
    method, _, path = operation.partition(" ")
    headers = {
        "authorization": "Bearer token-of-the-owner",
        "traceparent": f"00-{run.trace_id}-00f067aa0ba902b7-01",
    }
    exchange = Exchange(
        number=len(run.exchanges) + 1,
        check=run.current,
        actor="owner",
        operation=operation,
        method=method,
        url=f"http://127.0.0.1:8000{path.replace('{book_id}', '7')}",
        started_s=len(run.exchanges) * 0.01,
        request_headers=headers,
        status=status,
        headers={"content-type": "application/json", "x-request-id": f"r-{len(run.exchanges)}"},
        elapsed_ms=more.pop("elapsed_ms", 5.0),
    )
    for name, value in more.items():
        setattr(exchange, name, value)
    run.saw(exchange)
    return exchange


def passed(run: Run, check: str, operation: str = READ, status: int = 200, **more: Any) -> None:
    """A check that sent one request and had what it expected."""
    run.current = check
    exchange = sent(run, operation, status, **more)
    run.expected(exchange, str(status), str(status), met=True)
    run.hit(operation, check)
    run.ended(
        CheckResult(check, f"{check} reads as a sentence.", Outcome.PASSED, 0.02,
                operations=(operation,), again=f"-k {check.rpartition('.')[2]}")
    )  # fmt: skip


def failed(
    run: Run,
    check: str,
    operation: str = READ,
    status: int | None = 500,
    cause: Cause = Cause.SERVICE,
    **more: Any,
) -> None:
    """A check with one request and a wrong answer."""
    run.current = check
    exchange = sent(run, operation, status, **more)
    got = str(status) if status else f"no answer: {exchange.error}"
    run.expected(exchange, "200", got, met=False)
    run.ended(
        CheckResult(
            check,
            f"{check} reads as a sentence.",
            Outcome.FAILED,
            0.03,
            sentence(asked(exchange), "200", got),
            str(cause),
            (operation,),
            expected="200",
            got=got,
            exchange=exchange.number,
            again=f"-k {check.rpartition('.')[2]}",
            text=details(run, exchange, "200", got),
        )
    )


def ended(run: Run, *rows: Row, stopped: BaseException | None = None) -> Verdict:
    """Judge the run, write its last line and close it."""
    ledger = Ledger(rows or (Row(READ, "books", Account.SUCCEEDED, "books.read"),))
    verdict = verdict_of(run, ledger, stopped)
    run.write("verdict", **closing(run, ledger, verdict))
    run.close()
    return verdict


def green(folder: Path, target: str = "local", **more: Any) -> Record:
    """A green run of three checks."""
    path = folder / target / "run.jsonl"
    run = begun(path, target)
    for number, check in enumerate(("books.read", "books.made", "books.gone")):
        operation = (READ, MAKE, GONE)[number]
        passed(run, check, operation, (200, 201, 204)[number], **more)
    ended(
        run,
        Row(READ, "books", Account.SUCCEEDED, "books.read"),
        Row(MAKE, "books", Account.SUCCEEDED, "books.made"),
        Row(GONE, "shelf", Account.SUCCEEDED, "books.gone"),
    )
    return read(path)


def red(folder: Path, target: str = "local", body: str = HOSTILE) -> Record:
    """A red run: one failure of each cause, a skip, a known defect, a note, hostile texts."""
    path = folder / target / "run.jsonl"
    run = begun(path, target, trace_url=TRACE_URL)
    passed(run, "books.made", MAKE, 201)
    failed(run, "books.harness", status=200, cause=Cause.HARNESS)
    failed(run, "books.silent", GONE, None, Cause.ENVIRONMENT, error="ConnectTimeout: no byte")
    failed(run, "books.read", body=body.encode())
    failed(run, "books.shape[<b>]", MAKE, 201, Cause.CONTRACT)
    run.ended(
        CheckResult("films.all", "Films are listed.", Outcome.SKIPPED, 0.0, "gate films is off")
    )
    run.ended(
        CheckResult("books.slow", body, Outcome.KNOWN, 0.1, f"known: {body}", operations=(READ,))
    )
    run.ended(CheckResult("books.last", "", Outcome.BLOCKED, 0.0, "blocked by books.read"))
    run.note(f"left behind: {body}")
    run.format_findings[(READ, "/bought")] = 3
    ended(
        run,
        Row(READ, "books", Account.FAILED, f"books.read {body}"),
        Row(MAKE, "books", Account.SUCCEEDED, "books.made"),
        Row(GONE, "shelf", Account.MISSING, "no check and no entry of the plan saw it succeed"),
        Row("GET /films", "films", Account.GATED, "films: no films; SMOKE_F=1 opens it"),
    )
    return read(path)
