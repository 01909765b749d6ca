"""The files of a new project. Existing files stay unchanged: they may have manual edits."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from smoke.cli.init.sign_in import ACCOUNT, KEY
from smoke.config.targets import is_loopback

if TYPE_CHECKING:
    from smoke.cli.init.discovery import Found
    from smoke.cli.init.sign_in import SignIn

TABLE = """\
contract = "openapi/{contract}"
plan = "openapi/plan.json"
rules = "openapi/rules.toml"
checks = "smoke_checks"
target = "{target}"
"""

ROW = """
[{prefix}targets.{target}]
base_url = {url}
{environment}seeded = true  # the accounts exist already
concurrency = 1  # checks at the same time: up to 8 where the service takes writes in parallel
"""

RULES = """\
# Facts about {title} that its contract does not state.

{ready}{sign_in}"""

# A run waits for it, and so tells a wrong address from a broken service.
READY = """\
[ready]
operation = {operation}

"""

# Names of reads that answer whether a service is up.
ALIVE = re.compile(r"/(health|healthz|ready|readyz|live|livez|alive|ping|heartbeat)/?$")

# No contract shows who must not see a thing, so a new project is reminded of it.
OUTSIDER = """
# With an account of another tenant, each run shows that tenants are separate:
# [actors.outsider]
# {account}
"""

TO_DECIDE = """\
# --- To decide: these operations are not sent until a rule allows it. Uncomment a rule, or except
# the operation with a reason. Then run: smoke plan"""

CHECK = '''\
"""An example of a hand-written check. A check imports only names from `smoke`."""

from smoke import {caller}, Expect, exercises


@exercises("{operation}")
async def test_{name}({fixture}: {caller}, expect: Expect) -> None:
    """{title}."""
    expect(await {fixture}.call("{operation}"))
'''

NOXFILE = '''\
"""Smoke checks: `nox -s smoke` for the default target, `nox -s smoke-<target>` for the others."""

from smoke.nox import sessions

sessions()
'''

GITHUB = """\
name: smoke
on:
  workflow_dispatch:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  smoke:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8  # v5.0.0
      - uses: actions/setup-python@e797f83bcb11b83ae66e0230d6156d7c80228e7c  # v6.0.0
        with: {{ python-version: "3.13" }}
      - run: python -m pip install smoke-http
      - run: smoke run {target}
        env:
{variables}
      - uses: actions/upload-artifact@330a01c490aca151604b8cf639adc76d48f6c5d4  # v5.0.0
        if: always()
        with: {{ name: smoke, path: .smoke/, include-hidden-files: true }}
"""

GITLAB = """\
smoke:
  image: python:3.13
  script:
    - python -m pip install smoke-http
    - smoke run {target}
  artifacts:
    when: always
    paths: [.smoke/]
    reports:
      junit: .smoke/{target}/junit.xml
"""

# The workflow file of each CI system, and its text.
CI = {"github": (".github/workflows/smoke.yml", GITHUB), "gitlab": (".gitlab-ci.yml", GITLAB)}


@dataclass
class Writer:
    """Writes files below a directory, and reports each result."""

    root: Path
    report: list[str] = field(default_factory=list)

    def write(self, name: str, text: str) -> bool:
        """Write a file unless it exists; return True if it was written."""
        path = self.root / name
        if path.exists():
            self.report.append(f"kept     {name}")
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        self.report.append(f"written  {name}")
        return True

    def add(self, name: str, line: str) -> None:
        """Append a line to a file unless the file has it."""
        path = self.root / name
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if line not in text.splitlines():
            gap = "" if not text or text.endswith("\n") else "\n"
            path.write_text(f"{text}{gap}{line}\n", encoding="utf-8", newline="\n")
            self.report.append(f"written  {name} ({line})")


def table_text(contract: str, target: str, url: str, prefix: str = "") -> str:
    """The configuration: a complete smoke.toml, or with a prefix a table of pyproject.toml."""
    head = f"[{prefix.rstrip('.')}]\n" if prefix else ""
    # A loopback URL may be a tunnel to production, so the row states the environment.
    here = 'environment = "local"\n' if is_loopback(url) else ""
    row = ROW.format(prefix=prefix, target=target, url=json.dumps(url), environment=here)
    return head + TABLE.format(contract=contract, target=target) + row


def rules_text(found: "Found", sign_in: "SignIn", answered: Iterable[str]) -> str:
    """The first rules: what answers when the service is ready, and how to sign in."""
    alive = next((one for one in answered if ALIVE.search(one)), "")
    ready = READY.format(operation=json.dumps(alive)) if alive else ""
    info = found.contract.document.get("info", {})
    title = " ".join(str(info.get("title", "the service")).split())
    account = 'key = "SMOKE_KEY_OUTSIDER"' if KEY in sign_in.variables else 'email = "…"'
    more = OUTSIDER.format(account=account) if {KEY, *ACCOUNT} & {*sign_in.variables} else ""
    return RULES.format(title=title, ready=ready, sign_in=sign_in.toml) + more


def decisions(problems: Iterable[str]) -> str:
    """The open decisions, as comments below the rules, each with a suggested rule."""
    blocks = ["\n".join(f"# {line}".rstrip() for line in text.splitlines()) for text in problems]
    if not blocks:
        return ""
    return "\n\n".join(["\n" + TO_DECIDE, *blocks]) + "\n"


def check_text(found: "Found", passing: Iterable[str], *, signed_in: bool) -> str:
    """Return a check of one GET that passed in the probe; an empty text without one."""
    reads = [found.contract.operations[name] for name in passing]
    # A check without a sign-in works before any account is configured.
    reads.sort(key=lambda operation: operation.secured)
    if not reads:
        return ""
    first = reads[0]
    words = [word for word in first.path.replace("-", "_").split("/") if word.isidentifier()]
    fixture, caller = ("owner", "Actor") if signed_in or first.secured else ("anonymous", "Caller")
    return CHECK.format(
        operation=first.id, name="_".join([*words, "answers"]), fixture=fixture, caller=caller,
        title=f"{first.id} answers with its documented success",
    )  # fmt: skip


def ci_text(kind: str, target: str, variables: Iterable[str]) -> tuple[str, str]:
    """The name and the text of a CI system's workflow file."""
    name, text = CI[kind]
    lines = "\n".join(f"          {v}: ${{{{ secrets.{v} }}}}" for v in variables)
    return name, text.format(target=target, variables=lines or "          NO_SECRETS: needed")
