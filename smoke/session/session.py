"""One invocation: its configuration, the files that it reads, and its run."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from smoke.config import rules as rules_of
from smoke.config.again import plan_again
from smoke.config.gates import Gate, State, must_cover
from smoke.config.production import must_be_meant
from smoke.config.rules.values import render
from smoke.config.settings import Settings
from smoke.config.targets import Target
from smoke.contract import Contract
from smoke.errors import ConfigError, DataError, nearest
from smoke.http.policy import Policy, writes
from smoke.plan import model as plans
from smoke.plan.changes import stale
from smoke.plan.depth import Depth
from smoke.results.created import Created
from smoke.results.exchange import Exchange
from smoke.results.expectations import Expect
from smoke.results.latency import Slow
from smoke.results.run import Run
from smoke.results.run_dir import must_be_writable
from smoke.results.secrets import Secrets
from smoke.session.credentials import credentials_of
from smoke.session.omissions import Omissions
from smoke.session.seeding import must_have_emails, password_of
from smoke.session.service_process import Service
from smoke.session.sign_in import called, token_url

# How many changes the message about a stale plan lists.
CHANGES_SHOWN = 5


class SmokeSession:
    """Settings, contract, rules, plan and run of one invocation against one target."""

    def __init__(
        self,
        settings: "Settings",
        environ: Mapping[str, str],
        folder: Path | None,
        service: Service | None = None,
    ) -> None:
        """
        Read everything and begin; the run writes into `folder`, and stops the `service` at its end.

        Without a folder the checks are only listed, and no record is kept.
        """
        self.settings = settings
        self.service = service
        self.absent: dict[str, str] = {}
        self.say: Callable[[str], None] = _silently
        # Whether the run leaves for a while what it makes (`--keep`).
        self.keeps = False
        try:
            self._read(environ, folder)
        except BaseException:
            self.close()
            raise

    def _read(self, environ: Mapping[str, str], folder: Path | None) -> None:
        settings = self.settings
        if folder is not None:
            must_be_writable(folder)
        self.rules = rules_of.load(settings.rules)
        self.credentials = credentials_of(self.rules, settings.target, environ)
        password_of(settings.target, self.rules)
        must_have_emails(settings.target, self.rules)
        self.contract = Contract.load(settings.contract)
        self.plan = plans.load(settings.plan)
        must_be_fresh(self.plan, self.contract, self.rules, str(settings.plan))
        self.policy = policy_of(self.plan, self.rules, self.contract)
        _must_know(settings.target.allow, self.contract)
        self.omissions = Omissions(settings, self.contract, self.plan, self.policy)
        if self._writes():
            must_be_meant(settings.target, settings.production)
        # The gates belong to the contract of the table, not to that of another service.
        if settings.target.contract is None:
            covered = map(self.omissions.gate_of, self.contract.operations)
            must_cover(settings.gates, covered, self.contract.source)
        self.gates_on = frozenset(g.name for g in settings.gates if g.state is State.ON)
        record = folder / "run.jsonl" if folder is not None else None
        self.run = Run(settings.target.name, Secrets(), record)
        for name, value in self.credentials.environ.items():
            self.run.secrets.register(value, name)
        self.expect = Expect(
            self.contract,
            self.run,
            self.success,
            format_is_red=settings.target.format_is_red,
            extra_is_red=settings.target.strict,
            slow=Slow(self._slow_s, settings.target.slow_is_red),
            counts=self._counts,
        )

    def _writes(self) -> bool:
        """Whether this run may change something: by seeding, a check, or an entry of the plan."""
        seeds = self.rules.seed is not None and not self.settings.target.seeded
        sent = (entry for entry in self.plan.entries if self.is_sent(entry))
        return seeds or bool(self.settings.checks) or any(writes(e.operation) for e in sent)

    def _slow_s(self, operation: str) -> float | None:
        """The seconds that the rules allow an operation."""
        matched = self.matched.get(operation)
        return matched.rule.slow_s if matched else None

    def _counts(self, operation: str) -> bool:
        """Whether a rule has the wrong shapes of an operation counted."""
        matched = self.matched.get(operation)
        return matched is not None and matched.rule.shape == "count"

    def success(self, operation: str) -> tuple[int, ...]:
        """The statuses of an operation's documented success; the rules may narrow them."""
        entry = self.plan.by_name.get(operation)
        if entry is not None and entry.expect:
            return entry.expect
        documented = self.contract.operations.get(operation)
        return documented.success if documented else (200,)

    @cached_property
    def matched(self) -> Mapping[str, rules_of.Matched]:
        """The merged rules of each operation."""
        return rules_of.match(self.contract, self.rules)

    def gate_of(self, operation: str) -> Gate | None:
        """The gate whose surface holds an operation."""
        return self.omissions.gate_of(operation)

    def is_sent(self, entry: plans.Entry) -> bool:
        """Whether an entry is a main request or a step, neither omitted nor excepted here."""
        excepted = entry.excepted_on(self.settings.target.name) or entry.problem
        helps = entry.is_extra and (self.is_quick or not entry.step)
        return not (excepted or helps) and self.omissions.sends(entry)

    @property
    def is_quick(self) -> bool:
        """Whether the run asks each operation once, and not everything."""
        return self.settings.target.depth == Depth.QUICK

    def remover_of(self, thing: Created) -> str:
        """The operation that removes a created thing; empty if this API has none."""
        declared = self.policy.removers.get(thing.operation)
        documented = self.contract.match("DELETE", thing.path)
        return min(declared) if declared else documented.id if documented else ""

    def is_excepted(self, operation: str) -> bool:
        """Whether the rules except an operation on this target."""
        excepted = self.matched[operation].rule.excepted
        return excepted is not None and excepted.holds_on(self.settings.target.name)

    def hint(self, exchange: Exchange) -> str:
        """The advice for a gate that is on while no operation of its surface has succeeded yet."""
        gate = self.gate_of(exchange.operation)
        if gate is None or gate.state is not State.ON or exchange.status not in gate.refusal:
            return ""
        seen = (self.gate_of(operation) for operation in self.run.succeeded)
        return "" if gate in seen else gate.hint

    def target(self) -> Target:
        """The target with its address; the method waits for the URL of the embedded service."""
        target = self.settings.target
        headers = render(dict(target.headers), self.env, frozenset())
        url = self.service.url if self.service else target.base_url
        return replace(target, base_url=url, headers=headers)

    @property
    def env(self) -> Mapping[str, str]:
        """The values that the rules take from the environment, as the templates name them."""
        return {f"env:{name}": value for name, value in self.credentials.environ.items()}

    @property
    def token_rules(self) -> rules_of.Token | None:
        """The rules for verifying access tokens; the target may name another issuer or audience."""
        login = self.rules.login
        if login.token is None:
            return None
        return replace(login.token, **dict(self.settings.target.token))

    def close(self) -> None:
        """Stop the embedded service and close the record."""
        if self.service is not None:
            self.service.stop()
        if hasattr(self, "run"):
            self.run.close()


def _silently(text: str) -> None:
    """Show nothing: a session without a run has no reader."""


def policy_of(plan: plans.Plan, rules: rules_of.Rules, contract: Contract) -> Policy:
    """The client's policy for the operations, from the plan and the rules."""
    login = rules.login
    calls = [call.operation for call in (login.renew, login.end) if call]
    signs_in = [called(login)] if login.operation or login.url or login.kind == "oauth2" else []
    if login.kind == "oauth2" and not (login.operation or login.url):
        signs_in = [f"POST {urlsplit(token_url(login, contract)).path}"]
    sign_in = frozenset([*signs_in, *calls]) if signs_in else frozenset()
    seeds = contract.operations.get(rules.seed.operation) if rules.seed else None
    seeding = frozenset(
        operation.id
        for operation in contract.operations.values()
        if seeds and (operation is seeds or set(seeds.tags) & set(operation.tags))
    )
    removers = removers_of(plan)
    return Policy(
        creates=plan.creates,
        destroys=plan.destroys,
        sign_in=sign_in,
        removers=removers,
        seeding=seeding,
        spares=plan.spares,
        leaves=plan.leaves,
        unproven=frozenset(plan.creates) - plan.declared,
        stays=frozenset(plan.creates) - frozenset(removers),
        ends=frozenset(entry.operation for entry in plan.entries if entry.ends_session),
        asks=frozenset(entry.operation for entry in plan.entries if entry.asks),
        own=frozenset(entry.operation for entry in plan.entries if entry.names_own),
    )


def removers_of(plan: plans.Plan) -> dict[str, frozenset[str]]:
    """The operations that remove the thing an operation creates, by the creating operation."""
    found: dict[str, frozenset[str]] = {}
    for entry in plan.entries:
        for name in entry.needs if entry.destructive else ():
            made = plan.by_name[name].operation if name in plan.by_name else ""
            if writes(made) and made not in plan.destroys:
                found[made] = found.get(made, frozenset()) | {entry.operation}
    return found


def _must_know(allowed: Iterable[str], contract: Contract) -> None:
    """
    Stop if `--allow` names an unknown operation.

    Raises:
        ConfigError: with one line for each operation that the contract lacks.
    """
    unknown = [name for name in allowed if name not in contract.operations]
    if unknown:
        raise ConfigError(
            [
                f"--allow {name!r} names no operation of {contract.source}."
                f"{nearest(name, contract.operations)}"
                for name in unknown
            ]
        )


def must_be_fresh(plan: plans.Plan, contract: Contract, rules: rules_of.Rules, source: str) -> None:
    """
    Stop if the plan does not match its contract and rules.

    Raises:
        DataError: the plan is stale; the message lists the changes.
    """
    changes = stale(plan, contract, rules)
    if not changes:
        return
    listed = changes[:CHANGES_SHOWN]
    if len(changes) > len(listed):
        listed.append(f"And {len(changes) - len(listed)} more.")
    lines = "\n".join(f"  {line}" for line in listed)
    raise DataError(
        f"{source}: the plan is stale, so nothing was sent. "
        f"Make it again: {plan_again(Path(source))}.\n{lines}"
    )
