"""Creates the files of a project, and lists the next steps."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from smoke.cli.init.discovery import Found, find_contract
from smoke.cli.init.files import (
    NOXFILE,
    Writer,
    check_text,
    ci_text,
    decisions,
    rules_text,
    table_text,
)
from smoke.cli.init.sign_in import SignIn, sign_in_asked, sign_in_of, sign_in_with
from smoke.cli.planning import built
from smoke.config.table import OWN, SHARED
from smoke.contract import Contract, Operation
from smoke.errors import DataError
from smoke.http.download import Page, fetch
from smoke.plan.build import kinds
from smoke.plan.build.problems import sentence
from smoke.report.columns import terminal_width, wrapped

# Records may contain data of the service: they do not belong in a repository.
IGNORED = ".smoke/"
DECISIONS_SHOWN = 5


def make_project(
    root: Path, url: str, openapi: str | None, target: str, ci: str,
    headers: Mapping[str, str] | None = None,
) -> Iterator[str]:  # fmt: skip
    """
    Write the files of a project and yield the lines to print.

    `headers` are sent with the contract's download and the first reads; their values are not kept.

    Raises:
        ConfigError: no contract was found.
        DataError: the contract or the existing rules cannot be read.
    """
    found = find_contract(url, openapi, headers)
    yield f"contract {found.url}: {len(found.contract.operations)} operations"
    probed = probe(found, headers or {})
    yield from probed.lines()
    found = replace(found, base_url=probed.base_url)
    sign_in = sign_in_of(found.contract)
    if headers:
        sign_in = sign_in_with(*next(iter(headers.items())))
    elif not sign_in.variables and probed.refused:
        sign_in = sign_in_asked(probed.challenge)
    writer = Writer(root)
    if not writer.write(f"openapi/{found.file_name}", found.text):
        _compare(writer, found)
    _configure(writer, found, target)
    problems = _plan(writer, found, rules_text(found, sign_in, [] if headers else probed.good))
    check = check_text(
        found, probed.good or probed.refused, signed_in=bool(headers) or not probed.good
    )
    writer.write("smoke_checks/__init__.py", '"""Hand-written checks."""\n')
    if check:
        writer.write("smoke_checks/test_example.py", check)
    writer.write("noxfile.py", NOXFILE)
    if ci != "none":
        writer.write(*ci_text(ci, target, sign_in.variables))
    writer.add(".gitignore", IGNORED)
    yield from writer.report
    yield from _next_steps(sign_in, problems, target)


def _compare(writer: Writer, found: Found) -> None:
    """Report that the contract of the project is not the one that the service shows now."""
    name = f"openapi/{found.file_name}"
    try:
        same = Contract.load(writer.root / name).document == found.contract.document
    except DataError:
        same = False
    if not same:
        text = (
            f"differs  {name} is not the contract that the service shows. To take that one, "
            "remove the file, then run smoke init again and smoke plan."
        )
        writer.report.extend(wrapped(text, " " * 9, terminal_width()))


def _configure(writer: Writer, found: Found, target: str) -> None:
    """Configure smoke in an existing pyproject.toml, else in a smoke.toml."""
    shared = writer.root / SHARED
    if not shared.exists() or (writer.root / OWN).exists():
        writer.write(OWN, table_text(found.file_name, target, found.base_url))
        return
    text = shared.read_text(encoding="utf-8")
    # Searched as text: an unreadable file must stay as it is, too.
    if "[tool.smoke" in text:
        writer.report.append(f"kept     {SHARED}")
        return
    table = table_text(found.file_name, target, found.base_url, "tool.smoke.")
    shared.write_text(f"{text.rstrip()}\n\n{table}", encoding="utf-8", newline="\n")
    writer.report.append(f"written  {SHARED} ([tool.smoke])")


def _plan(writer: Writer, found: Found, first_rules: str) -> list[str]:
    """Write the rules and build the plan; add the open decisions below new rules."""
    rules = writer.root / "openapi/rules.toml"
    fresh = writer.write("openapi/rules.toml", first_rules)
    plan = built(found.contract, rules, [])
    if fresh:
        with rules.open("a", encoding="utf-8", newline="\n") as file:
            file.write(decisions(plan.problems))
    writer.write("openapi/plan.json", plan.text())
    return list(plan.problems)


def _next_steps(sign_in: SignIn, problems: list[str], target: str) -> Iterator[str]:
    yield ""
    for text in problems[:DECISIONS_SHOWN]:
        yield from wrapped(f"to decide  {sentence(text)}", " " * 11, terminal_width())
    if len(problems) > DECISIONS_SHOWN:
        yield f"           and {len(problems) - DECISIONS_SHOWN} more in openapi/rules.toml"
    if sign_in.variables:
        yield f"set        {', '.join(sign_in.variables)}"
    yield f"then       smoke run {target}"
    yield "red?       smoke plan --learn shows the rules that the run suggests"


# Paths below which services often have their API, while their contract does not say so.
VERSION = "/v1"
PREFIXES = ("/api", f"/api{VERSION}", VERSION)

# The most reads: enough for a first impression, and harmless for any service.
MOST_READS = 40
# How many reads decide whether a base URL serves the API.
SAMPLE = 3
PATIENCE_S = 5.0
# The statuses of a refusal to an unknown caller.
UNKNOWN = (401, 403)


@dataclass
class Probed:
    """The base URL that answers, and what the reads below it answered."""

    base_url: str
    corrected: bool = False
    read: int = 0
    good: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    challenge: str = ""
    others: Counter[int] = field(default_factory=Counter)

    def lines(self) -> Iterator[str]:
        """The findings, to print."""
        if self.corrected:
            yield f"base url {self.base_url}: there the API answers"
        if not self.read:
            return
        asked = f"; {len(self.refused)} asked for a sign-in" if self.refused else ""
        other = "".join(f"; {count} answered {status}" for status, count in self.others.items())
        yield f"reads    {len(self.good)} of {self.read} answered as documented{asked}{other}"


def probe(found: "Found", headers: Mapping[str, str]) -> Probed:
    """
    Send the contract's reads that need no values, at most 40, and sum up the answers.

    Raises:
        DataError: the service cannot be reached.
    """
    reads = [one for one in found.contract.operations.values() if _harmless(one)][:MOST_READS]
    base = next((url for url in _bases(found) if _answers(url, reads, headers)), found.base_url)
    result = Probed(base, corrected=base != found.base_url)
    for operation in reads:
        _note(result, operation, _page(base, operation, headers))
    return result


def _harmless(operation: Operation) -> bool:
    """Whether an operation is a plain read: no required parameter, no stream, no side effect."""
    streams = any("text/event-stream" in r.content for r in operation.responses.values())
    needs = any(parameter.required for parameter in operation.parameters)
    ends = kinds.ends_session(operation)
    return operation.method == "GET" and kinds.reads(operation) and not (streams or needs or ends)


def _bases(found: "Found") -> Iterator[str]:
    """The base URL that the contract gives, then others on the same host."""
    parts = urlsplit(found.base_url)
    origin = f"{parts.scheme}://{parts.netloc}"
    yield found.base_url
    if not parts.path.strip("/"):
        yield from dict.fromkeys(
            [urljoin(found.url, ".").rstrip("/")] * found.url.startswith(f"{origin}/")
            + [origin + prefix for prefix in PREFIXES]
        )


def _answers(base: str, reads: list[Operation], headers: Mapping[str, str]) -> bool:
    """Whether one of the first reads answers as an API does: not 404, and no page of HTML."""
    return any(
        page.status != 404 and page.status < 500 and not _is_page(operation, page)
        for operation in reads[:SAMPLE]
        for page in [_page(base, operation, headers)]
    )


def _is_page(operation: Operation, page: Page) -> bool:
    html = "text/html" in page.headers.get("content-type", "")
    response = operation.response(page.status)
    return html and not (response and "text/html" in response.content)


def _page(base: str, operation: Operation, headers: Mapping[str, str]) -> Page:
    try:
        return fetch(base + operation.path, headers, PATIENCE_S)
    except DataError:
        # One broken answer does not matter here; a run reports it with its cause.
        return Page(0)


def _note(result: Probed, operation: Operation, page: Page) -> None:
    result.read += 1
    if page.redirected:
        # A run does not follow it: the status that the contract documents was another one.
        result.others[302] += 1
    elif page.status in operation.success and not _is_page(operation, page):
        result.good.append(operation.id)
    elif page.status in UNKNOWN:
        result.refused.append(operation.id)
        result.challenge = result.challenge or page.headers.get("www-authenticate", "")
    else:
        result.others[page.status] += 1
