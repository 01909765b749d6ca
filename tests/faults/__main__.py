"""Measure a smoke suite: run the catalogue and write what it found.

python -m tests.faults                         the whole catalogue, on this project's own suite
python -m tests.faults --group tenancy         one group
python -m tests.faults --fault presign_for_an_inner_host
python -m tests.faults --command "make smoke URL={url}" --url https://staging.example.com
"""

import argparse
import sys
from pathlib import Path

from tests.faults.catalogue import ENTRIES
from tests.faults.deployment import Bench
from tests.faults.entries import Entry, Fault, Harmless, Proxied
from tests.faults.judgement import Judgement
from tests.faults.prove import Suite, prove
from tests.faults.results import ended, line, summary

RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> int:
    """Run what was asked for; the exit code is 1 when anything was not as it should be."""
    options = _options()
    chosen = _chosen(options)
    if not chosen:
        sys.stderr.write("No entry has that name or group.\n")
        return 4
    arguments = ("--maxfail=0",) if options.all_checks else ()
    suite = Suite(options.command, options.url, arguments)
    if not _sound(suite):
        return 2
    done: list[Judgement] = []

    def tell(judgement: Judgement) -> None:
        done.append(judgement)
        _say(line(judgement, len(done), len(chosen)))
        if options.all_checks and len(judgement.said.red) > 1:
            _say(f"            red: {', '.join(judgement.said.red)}")
        if options.show:
            _say(judgement.said.output)

    judgements = prove(chosen, suite, options.jobs, tell)
    text = summary(judgements, _named(suite))
    _say("\n" + text)
    out = options.out or (RESULTS if len(chosen) == len(ENTRIES) else None)
    if out:
        out.write_text(text, encoding="utf-8")
    return int(not all(one.right and one.named is not False for one in judgements))


def _sound(suite: Suite) -> bool:
    """Whether the suite is green where nothing is wrong; without that nothing can be measured."""
    bench = Bench(suite.url)
    try:
        control = suite.judged(Harmless("nothing_wrong"), bench)
    finally:
        bench.close()
    if not control.right:
        _say(control.said.output)
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
        and (not foreign or (isinstance(entry, Fault) and isinstance(entry.mechanism, Proxied)))
    ]


def _group(entry: Entry) -> str:
    if isinstance(entry, Fault):
        return entry.group
    return "harmless" if isinstance(entry, Harmless) else "false greens"


def _named(suite: Suite) -> str:
    command = f"`{suite.command}`" if suite.command else "this project's own smoke run"
    return f"{command} on {suite.url or 'the reference service'}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    add = parser.add_argument
    groups = sorted({_group(entry) for entry in ENTRIES.values()})
    add("--group", action="append", choices=groups, help="run one group (repeatable)")
    add("--fault", action="append", metavar="NAME", help="run one entry (repeatable)")
    add("--command", default="", help="measure another suite; {url} stands for the URL it tests")
    add("--url", default="", help="deployment that the faults are put in front of")
    add("--jobs", type=int, default=2, help="runs at a time (default: %(default)s)")
    add("--all-checks", action="store_true", help="do not stop at the first red check; list all")
    add("--show", action="store_true", help="print what each run said")
    add("--out", type=Path, help=f"file for the table (of the whole catalogue: {RESULTS.name})")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
