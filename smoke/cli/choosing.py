"""Choosing the checks of a quick run, by what a record of a full run says that they cost."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from smoke.config.rules import Rules
from smoke.contract import Contract
from smoke.errors import ConfigError
from smoke.plan import Plan
from smoke.plan.depth import REQUESTS_PER_OPERATION, Cost, Limit, Quick, Sent, choose

if TYPE_CHECKING:
    from smoke.config.settings import Settings
    from smoke.results.record import Record


def chosen(settings: "Settings", contract: Contract, plan: Plan, source: Path) -> Quick:
    """
    Return the checks of a quick run of a plan.

    Raises:
        ConfigError: the record is not of a green full run.
        DataError: the record cannot be read.
    """
    from smoke.config import rules as rules_of
    from smoke.pytest_plugin.declared import fixtures_of
    from smoke.results.costs import costs_of
    from smoke.results.record_reader import read
    from smoke.session.sign_in import called

    record, rules = read(source), rules_of.load(settings.rules)
    if record.verdict["exit"] or record.verdict["part"] or record.is_quick:
        raise ConfigError([f"{source}: not the record of a whole green run. Run: smoke run."])
    # Unlike `python -m`, a console script does not add the working directory.
    sys.path.insert(0, str(settings.root))
    sign_in = frozenset([called(rules.login)]) & frozenset(contract.operations)
    costs = costs_of(record, fixtures_of(settings.checks), sign_in, rules.actors)
    target = settings.target.name
    entries = [e for e in plan.entries if not (e.is_extra or e.problem or e.excepted_on(target))]
    always = _always(record, rules, sign_in)
    sent = Sent(plan, entries, always, _further(plan), sign_in)
    expected = sum(row["account"] == "succeeded" for row in record.ledger)
    limit = Limit(int(expected * REQUESTS_PER_OPERATION), max(len(rules.actors), 1))
    names = choose(sent, costs, limit)
    requests, sign_ins = sent.estimate(costs[name] for name in names)
    return Quick({name: costs[name].requests for name in names}, requests, sign_ins)


def _always(record: "Record", rules: Rules, sign_in: frozenset[str]) -> Cost:
    """What a run sends for itself: readiness, seeding, the key set, and a refusal per surface."""
    refusals = [c for c in record.checks if c["check"].startswith("refusals.anonymous_is_refused[")]
    seed, token = rules.seed, rules.login.token
    seen = [rules.ready, seed and seed.operation, token and f"GET {token.jwks}"]
    own = frozenset(operation for operation in seen if operation)
    return Cost(len(own) + bool(rules.live) + len(refusals), sees=own | sign_in)


def _further(plan: Plan) -> dict[str, int]:
    """The requests that follow an entry: they read back what it wrote, or remove what it made."""
    from smoke.session.readback import WRITTEN, pairs_of
    from smoke.session.session import removers_of

    found = {pair.entry.name: 1 for pair in pairs_of(plan) if pair.kind != WRITTEN or pair.is_list}
    removed = {name for e in plan.entries if e.destructive and not e.is_extra for name in e.needs}
    removers = removers_of(plan)
    for entry in plan.entries:
        if entry.creates is not None and entry.operation in removers and entry.name not in removed:
            found[entry.name] = found.get(entry.name, 0) + 1
    return found
