"""
Measure a smoke suite: run the catalogue and write what it found.

nox -s prove                              the whole catalogue, on our own suite
nox -s prove -- --group tenancy           one group
nox -s prove -- --fault presign_for_an_inner_host
nox -s prove -- --depth quick --out quick.md
nox -s prove -- --command "make smoke URL={url}" --url https://eu.example.com
nox -s prove -- endurance --help          clean runs in a row, and killed runs
nox -s prove -- ends                      runs that a signal, a full disk or a mistake ends
nox -s prove -- screens                   the first screens of faults, with what they print pasted
nox -s prove -- liars                     services that answer everything and do nothing

(`python -m tests.faults` is the same.) Another suite is measured by its exit
code, with the faults that a proxy can put in front of its URL. Of our own
suite, each section of the results that was measured as a whole is written. No
run takes longer than three minutes: then it is killed, and the output says so.

The exit code is 0 where all is as it should be or known to be missed, 1 where
something is not, 2 where nothing could be measured, 4 where there is no such
entry.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from time import monotonic

from tests.faults import endurance, first_screen
from tests.faults.catalogue import ENTRIES, LISTED
from tests.faults.deployment import Bench
from tests.faults.ends import __main__ as ends
from tests.faults.entries import Entry, Fault, Harmless, Proxied
from tests.faults.outcome import Outcome
from tests.faults.prove import Suite, prove
from tests.faults.results import KINDS, ended, sections
from tests.faults.results_file import RESULTS, rewritten
from tests.faults.terminal import EVERY, closing, left, line
from tests.liar import __main__ as liars

# The words that ask for other measurements.
ENDURANCE, ENDS, LIARS, SCREENS = "endurance", "ends", "liars", "screens"


def main() -> int:
    """Run what was asked for; the exit code is 1 when anything was not as it should be."""
    if sys.argv[1:2] == [ENDURANCE]:
        return endurance.main(sys.argv[2:])
    if sys.argv[1:2] == [ENDS]:
        return ends.main(sys.argv[2:])
    if sys.argv[1:2] == [SCREENS]:
        return first_screen.main(sys.argv[2:])
    if sys.argv[1:2] == [LIARS]:
        return liars.main()
    options = _options()
    chosen = _chosen(options)
    if not chosen:
        sys.stderr.write("No entry has that name or group.\n")
        return 4
    arguments = ["--maxfail=0"] if options.all_checks else []
    arguments += [f"--depth={options.depth}"] if options.depth else []
    suite = Suite(options.command, options.url, tuple(arguments))
    if not _sound(suite):
        return 2
    outcomes = prove(chosen, suite, options.jobs, _progress(options, len(chosen)))
    _say("")
    for row in closing(outcomes):
        _say(row)
    _write(options, outcomes, sections(outcomes, _named(suite, options.jobs)))
    return int(not all(one.is_as_known for one in outcomes))


def _progress(options: argparse.Namespace, of: int) -> Callable[[Outcome], None]:
    """Return what reports each run as it ends, and now and then the time that is left."""
    began, numbers = monotonic(), count(1)
    _say(f"{of} entries, {options.jobs} at a time.")

    def report(outcome: Outcome) -> None:
        number = next(numbers)
        _say(line(outcome, number, of))
        if options.all_checks and len(outcome.result.red) > 1:
            _say(f"            red: {', '.join(outcome.result.red)}")
        if options.show:
            _say(outcome.result.output)
        if number % EVERY == 0 and number < of:
            _say(left(number, of, monotonic() - began))

    return report


def _write(
    options: argparse.Namespace, outcomes: list[Outcome], found: dict[str, list[str]]
) -> None:
    """Write all sections to the file that is named, or to the usual one those that are whole."""
    path: Path = options.out or RESULTS
    if options.out is None:
        if options.command or options.url or options.all_checks or options.depth:
            return
        ran = Counter(type(one.entry) for one in outcomes)
        all_of = Counter(type(entry) for entry in LISTED)
        whole = {title for kind, title in KINDS.items() if ran[kind] == all_of[kind]}
        found = {title: lines for title, lines in found.items() if title in whole}
    if found:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(rewritten(text, found), encoding="utf-8")
        _say(f"\nWritten to {path}: {', '.join(found)}.")


def _sound(suite: Suite) -> bool:
    """Whether the suite is green where nothing is wrong; without that nothing can be measured."""
    bench = Bench(suite.url)
    try:
        control = suite.measured(Harmless("nothing_wrong"), bench)
    finally:
        bench.close()
    if not control.right:
        _say(control.result.output)
        _say(f"Nothing can be measured: {ended(control)} where nothing is wrong.")
    return control.right


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _chosen(options: argparse.Namespace) -> list[Entry]:
    """The entries asked for; of somebody else's suite only those that a proxy can stage."""
    foreign = bool(options.command or options.url)
    return [
        entry
        for entry in ENTRIES.values()
        if (not options.fault or entry.name in options.fault)
        and (not options.group or _group(entry) in options.group)
        and (not foreign or _is_for_anybody(entry))
    ]


def _is_for_anybody(entry: Entry) -> bool:
    """Whether a proxy alone stages it, whatever suite and deployment are behind and before it."""
    staged = isinstance(entry, (Fault, Harmless)) and entry.before is None
    return staged and isinstance(entry.mechanism, Proxied)


def _group(entry: Entry) -> str:
    return entry.group if isinstance(entry, Fault) else KINDS[type(entry)].lower()


def _named(suite: Suite, jobs: int) -> str:
    """What was measured, and beside how many others: that is in the times."""
    command = f"`{suite.command}`" if suite.command else "this project's own smoke run"
    where = suite.url or "the reference service"
    return f"{command} on {where}, {jobs} at a time on {os.cpu_count()} cores"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="nox -s prove --", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    add = parser.add_argument
    groups = sorted({_group(entry) for entry in ENTRIES.values()})
    groups_help = f"run one group (repeatable): {', '.join(groups)}"
    add("--group", action="append", choices=groups, metavar="GROUP", help=groups_help)
    add("--fault", action="append", metavar="NAME", help="run one entry (repeatable)")
    add("--command", default="", help="measure another suite; {url} stands for the URL it tests")
    add("--url", default="", help="deployment that the faults are put in front of")
    add(
        "--jobs", type=int, default=2,
        help="runs at a time (default: %(default)s); each keeps two processes busy, and waits for "
        "the others where cores are few: 1 for the times of a run alone",
    )  # fmt: skip
    add("--all-checks", action="store_true", help="do not stop at the first red check; list all")
    add("--depth", choices=("quick", "full"), help="depth of our own runs (default: full)")
    add("--show", action="store_true", help="print what each run printed")
    usual = f"default: {RESULTS.name}, for what was measured as a whole"
    add("--out", type=Path, help=f"file for all that was measured ({usual})")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
