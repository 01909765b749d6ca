"""Arazzo files: the plan's chains as workflows, and workflows as rules to review."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from smoke.contract import Contract
from smoke.documents import TextError, UnreadableError, parse_json, parse_yaml, read_text
from smoke.documents.toml import toml_rule
from smoke.errors import DataError
from smoke.plan import load
from smoke.plan.arazzo import rules_of, written

if TYPE_CHECKING:
    from smoke.config.settings import Settings


def write_arazzo(settings: "Settings", contract: Contract, out: Path) -> int:
    """Write the chains of the committed plan as an Arazzo document."""
    # The address of the contract is relative to the document (Arazzo 1.0.1, 4.6.4).
    url = Path(os.path.relpath(settings.contract, out.resolve().parent)).as_posix()
    document, omitted = written(contract, load(settings.plan), url)
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    out.write_text(text, encoding="utf-8", newline="\n")
    for line in omitted:
        print(f"left out  {line}")
    print(f"{out}: {len(document['workflows'])} workflows, {len(omitted)} chains left out")
    return 0


def read_arazzo(contract: Contract, path: Path) -> None:
    """Print the rules of an Arazzo file; what they leave out goes to standard error."""
    try:
        text = read_text(path)
        document = (parse_json if text.lstrip().startswith("{") else parse_yaml)(text)
    except UnreadableError as error:
        raise DataError(f"{path}: unreadable: {error.reason}. Name an Arazzo file.") from None
    except TextError as error:
        raise DataError(f"{path}:{error.place}: {error.problem}.") from None
    rules, omitted = rules_of(contract, document)
    for rule in rules:
        print(toml_rule(**rule), end="\n\n")
    for line in omitted:
        print(f"left out  {line}", file=sys.stderr)
