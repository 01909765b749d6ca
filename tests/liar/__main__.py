"""
Run the plan alone, and the whole suite, against each liar: how many checks stay green, and why.

`nox -s prove -- liars` prints the table and keeps it in the results. The exit code is 0 if every
run is red by the service, and every green check has a reason.
"""

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from smoke.contract import Contract
from tests.faults.results_file import RESULTS, rewritten
from tests.liar.contracts import fleet
from tests.liar.reasons import why_green, why_green_in_suite
from tests.liar.service import MODES, liar
from tests.liar.suite import lied_to_suite, sent_by
from tests.smoking import Finished, smoke_run
from tests.unlike import contract_of
from tests.unlike.projects import KEYS, made, project_of
from tests.unlike.serve import BASES, serving

NAMES = ("fleet", "notes", "library")
SUITE = "api-service, whole suite"


@dataclass(frozen=True)
class Seen:
    """One run against a liar: its exit code, the checks that failed, and those that passed."""

    mode: str
    name: str
    code: int
    failed: tuple[str, ...]
    reasons: Mapping[str, str]
    """The checks that passed, each with the reason; an empty one where it must not pass."""

    @property
    def unexplained(self) -> list[str]:
        """The green checks without a reason."""
        return [check for check, reason in self.reasons.items() if not reason]


def lied_to(name: str, mode: str, folder: Path) -> Finished:
    """Run the plan of a contract, without hand-written checks, against a liar of it."""
    contract = Contract(fleet()) if name == "fleet" else contract_of(name)
    base = BASES.get(name, "")
    with serving(liar(contract, mode, base), base) as url:
        row = f'base_url = "{url}"\nenvironment = "local"'
        if name == "fleet":
            (folder / "fleet.json").write_text(json.dumps(fleet()), encoding="utf-8")
            root = made(folder / "project", folder / "fleet.json", "[actors.owner]\n", row)
        else:
            root = project_of(name, folder / "project", row)
        return smoke_run(folder / "records", "--maxfail=0", root=root, **KEYS)


def seen(name: str, mode: str, run: Finished) -> Seen:
    """What a run saw of a liar."""
    ends = {row["check"]: row["outcome"] for row in run.record("check")}
    failed = tuple(check for check, end in ends.items() if end == "failed")
    passed = [check for check, end in ends.items() if end == "passed"]
    if name == SUITE:
        sent = sent_by(run)
        reasons = {c: why_green_in_suite(c, mode, sent.get(c, [])) for c in passed}
    else:
        reasons = {check: why_green(check, mode) for check in passed}
    return Seen(mode, name, run.code, failed, reasons)


def table(found: list[Seen]) -> Iterator[str]:
    """The figures of all runs, and the reasons with their counts."""
    yield "| liar | contract | exit code | red | green | green without a reason |"
    yield "|---|---|---|---|---|---|"
    for one in found:
        figures = (one.code, len(one.failed), len(one.reasons), len(one.unexplained))
        yield f"| {one.mode} | {one.name} | {' | '.join(map(str, figures))} |"
    reasons = Counter(reason for one in found for reason in one.reasons.values())
    yield ""
    yield from (f"- {many} green: {reason}" for reason, many in reasons.most_common())


def main() -> int:
    """Run every liar of every contract and print the table."""
    found = []
    for mode in MODES:
        for name in NAMES:
            with tempfile.TemporaryDirectory(prefix="liar-") as folder:
                found.append(seen(name, mode, lied_to(name, mode, Path(folder))))
        with tempfile.TemporaryDirectory(prefix="liar-") as folder:
            found.append(seen(SUITE, mode, lied_to_suite(mode, Path(folder))))
    lines = list(table(found))
    sys.stdout.write("\n".join([*lines, ""]))
    text = RESULTS.read_text(encoding="utf-8")
    RESULTS.write_text(rewritten(text, {"Services that lie": lines}), encoding="utf-8")
    return int(any(one.code != 1 or one.unexplained for one in found))


if __name__ == "__main__":
    sys.exit(main())
