"""Creates the files of a project, and lists the next steps."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

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
from smoke.cli.init.probe import probe
from smoke.cli.init.sign_in import SignIn, sign_in_asked, sign_in_of, sign_in_with
from smoke.cli.planning import built
from smoke.config.table import OWN, SHARED
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
    writer.write(f"openapi/{found.file_name}", found.text)
    _configure(writer, found, target)
    problems = _plan(writer, found, sign_in)
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


def _plan(writer: Writer, found: Found, sign_in: SignIn) -> list[str]:
    """Write the rules and build the plan; add the open decisions below new rules."""
    rules = writer.root / "openapi/rules.toml"
    fresh = writer.write("openapi/rules.toml", rules_text(found, sign_in))
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
