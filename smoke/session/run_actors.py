"""The actors of one run: each is created on its first use, and signs in once."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from smoke.config.rules.values import render
from smoke.errors import LeftOutError, SmokeError, UnverifiedError
from smoke.http.aws_signature import Signature
from smoke.http.client import Client
from smoke.http.pace import together
from smoke.session.actors import Actor
from smoke.session.caller import Caller
from smoke.session.cleanup.removal import Removal, take_away
from smoke.session.credentials import AWS, AWS_TOKEN
from smoke.session.holders import CommandHolder, KeyHolder, Signer
from smoke.session.seeding import Seeding
from smoke.session.session import SmokeSession
from smoke.session.tokens import Verifier

# Statuses of a removal after which the thing is gone.
GONE = (200, 202, 204, 404, 410)


class Actors:
    """The actors of a run by name, and the cleanup that is sent on their behalf."""

    def __init__(self, client: Client, seeding: Seeding, smoke: SmokeSession) -> None:
        self.client = client
        self.seeding = seeding
        self.smoke = smoke
        self._made: dict[str, Caller] = {}

    def actor(self, name: str) -> Caller:
        """
        Return the actor of that name; the rules' [login] defines its sign-in.

        Raises:
            LeftOutError: this target has no account for it.
            SmokeError: the rules declare no such actor.
        """
        rules, target = self.smoke.rules, self.smoke.settings.target
        if name not in rules.actors:
            raise SmokeError(f"The rules declare no actor {name!r}. Actors: {list(rules.actors)}.")
        if target.actors and name not in target.actors:
            raise LeftOutError(f"target {target.name!r} has no actor {name!r}")
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> Caller:
        found = self._signing(name)
        headers = self.smoke.rules.actors[name].headers
        found.headers = render(dict(headers), self.seeding.values, frozenset()) or {}
        return found

    def _signing(self, name: str) -> Caller:
        login, row = self.smoke.rules.login, self.smoke.rules.actors[name]
        if login.kind == "none" or self.smoke.settings.target.auth == "off":
            return Caller(self.client, name)
        if row.token_command:
            return CommandHolder(self.client, name, row.token_command, login.prefix)
        if login.kind == "key":
            return self._key_holder(name)
        if login.kind == "basic":
            account = self.seeding.account(name)
            pair = f"{account.email}:{account.password}"
            return KeyHolder(self.client, name, pair, {"type": "http", "scheme": "basic"})
        if login.kind == "aws":
            return Signer(self.client, name, self._signature())
        return Actor(self.client, self.seeding.account(name), login, self.verifier)

    def _key_holder(self, name: str) -> Caller:
        login, schemes = self.smoke.rules.login, self.smoke.contract.security_schemes
        held = self.smoke.credentials
        if isinstance(login.scheme, str):
            scheme = schemes[login.scheme]
        else:
            scheme = login.scheme or next(iter(schemes.values()), {})
        others = {n: (key, schemes[n]) for n, key in held.others.get(name, {}).items()}
        return KeyHolder(self.client, name, held.keys[name], scheme, login.prefix, others)

    def _signature(self) -> Signature:
        login, environ = self.smoke.rules.login, self.smoke.credentials.environ
        key_id, secret = (environ[variable] for variable in AWS)
        return Signature(key_id, secret, login.service, login.region, environ.get(AWS_TOKEN, ""))

    @cached_property
    def verifier(self) -> Verifier:
        """The verifier for the tokens of all actors: their service has one key set."""
        return Verifier(self.client, self.smoke.token_rules)

    def caller(self, name: str) -> Caller:
        """Return the actor of that name, or the one without an account."""
        return Caller(self.client) if name == "anonymous" else self.actor(name)

    async def take_away(self, groups: Iterable[list[Removal]]) -> None:
        """Remove what still exists, each group together; a failure becomes a note, not an error."""
        for removal, reason in await take_away(groups, self._attempt):
            self.smoke.run.leaves_behind(f"{removal.method} {removal.path}", reason)

    async def _attempt(self, removal: Removal) -> str:
        if (removal.operation, removal.path, removal.actor) in self.smoke.run.taken_away:
            return ""
        try:
            exchange = await removal.send()
        # After the time for the cleanup, each further removal is listed instead of sent.
        except (LeftOutError, UnverifiedError) as error:
            return f": {error}"
        return "" if exchange.status in GONE else f" answered {exchange.status or exchange.error}"

    async def leave(self) -> None:
        """End the sessions of all actors that signed in."""
        await together(actor.leave() for actor in self._made.values() if isinstance(actor, Actor))

    def known(self) -> dict[str, Any]:
        """The facts that the run knows at its start, under the names that the plan uses."""
        facts: dict[str, Any] = {f"world.{name}": v for name, v in self.seeding.world.items()}
        facts["run.tenant"] = self.seeding.values["tenant"]
        facts |= {f"env.{name}": v for name, v in self.smoke.credentials.environ.items()}
        for name in self.smoke.rules.actors:
            account = self.seeding.account(name)
            for field in ("email", "password", "user_id", "tenant_id"):
                facts[f"actor.{name}.{field}"] = getattr(account, field)
        return {name: value for name, value in facts.items() if value is not None}
