"""Writes the gates of a target into its row, and leaves the rest of the file unchanged."""

import re
from pathlib import Path

from smoke.config.table import OWN, SHARED


def write_gates(root: Path, target: str, states: dict[str, str]) -> str:
    """Write the states into the row of a target; return a sentence about it.

    If the row cannot be edited safely, the file stays unchanged and the sentence has the line to
    paste.
    """
    name, prefix = (OWN, "") if (root / OWN).is_file() else (SHARED, "tool.smoke.")
    path = root / name
    header = f"[{prefix}targets.{target}]"
    pairs = ", ".join(f'{gate} = "{state}"' for gate, state in states.items())
    line = f"gates = {{ {pairs} }}"
    lines = path.read_text(encoding="utf-8").split("\n")
    places = [at for at, text in enumerate(lines) if text.split("#")[0].strip() == header]
    # A row that is missing or defined twice has no safe place for the line.
    at = places[0] if len(places) == 1 else None
    old = _old(lines, at) if at is not None else None
    if at is None or (old is not None and not re.fullmatch(r"gates = \{[^{}]*\}.*", lines[old])):
        return f"Paste into {header} of {name}:\n{line}"
    if old is None:
        lines.insert(at + 1, line)
    else:
        lines[old] = line
    path.write_text("\n".join(lines), encoding="utf-8", newline="\n")
    return f"{path}: {header} {line}"


def _old(lines: list[str], header: int) -> int | None:
    """The line number of the row's gates, or None if the next table begins first."""
    for at in range(header + 1, len(lines)):
        if lines[at].startswith("["):
            return None
        if lines[at].startswith("gates"):
            return at
    return None
