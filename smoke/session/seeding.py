"""The world: the data of one seeding request, and the accounts of the actors."""

from collections.abc import Iterator, Mapping
from secrets import token_urlsafe
from typing import Any

from smoke.config.rules import ActorRow, Rules
from smoke.config.rules.values import placeholders, render
from smoke.config.targets import Target
from smoke.contract.pointers import at, escape
from smoke.errors import BrokenError, ConfigError, LeftOutError, SmokeError, UnverifiedError
from smoke.http.client import Client, Request
from smoke.results.causes import must_be_the_api
from smoke.results.exchange import Exchange
from smoke.results.secrets import SHORTEST
from smoke.session.credentials import Account
from smoke.session.readiness import NOT_FOUND, must_be_there

# Characters of the password of a run's accounts: they stay on the target, so it must be hard to
# guess.
SHORTEST_PASSWORD = 12


def password_of(target: Target, rules: Rules) -> str:
    """
    Return the password of the run's accounts: the user's, or a new one for our own service.

    Raises:
        SmokeError: the user's is missing, easily guessed, or too short to be masked.
    """
    password = target.user_password
    if target.auth == "off" or not needs_password(rules, target):
        return password
    if target.serve and rules.seed is not None and not password:
        # Password policies ask for length, both cases, a digit and a sign: this has all of them.
        return f"Smoke-{token_urlsafe(18)}-9z"
    exists = target.seeded or target.read_only or rules.seed is None
    shortest = SHORTEST if exists else SHORTEST_PASSWORD
    if len(password) < shortest:
        accounts = "have" if exists else "get"
        problem = f"is shorter than {shortest} characters" if password else "is not set"
        why = "could not be masked in every output" if exists else "could be guessed"
        raise SmokeError(
            f"SMOKE_USER_PASSWORD {problem}. Set it: the accounts of the run on target "
            f"{target.name!r} {accounts} that password. A shorter one than {shortest} characters "
            f"{why}."
        )
    return password


def must_have_emails(target: Target, rules: Rules) -> None:
    """
    Stop if an actor has no e-mail address for its sign-in.

    Raises:
        ConfigError: with one line for each such actor.
    """
    if target.auth == "off" or not signs_in_by_password(rules):
        return
    missing = [row.name for row in asked_rows(target, rules) if not row.email]
    # The first actor may get its e-mail from the environment or from the row of the target.
    missing = [n for n in missing if n != rules.default_actor or not target.user_email]
    first = (
        "SMOKE_USER_EMAIL is not set, and [actors.{0}] of the rules has no email. Set one of them."
    )
    other = "[actors.{0}] of the rules has no email, so {0} cannot sign in. Add it."
    if missing:
        raise ConfigError(
            (first if name == rules.default_actor else other).format(name) for name in missing
        )


def asked_rows(target: Target, rules: Rules) -> list[ActorRow]:
    """Return the actors of the rules that can sign in to a target."""
    asked = target.actors or tuple(rules.actors)
    return [rules.actors[name] for name in asked if name in rules.actors]


def signs_in_by_password(rules: Rules) -> bool:
    """Whether the rules' [login] sends an e-mail and a password."""
    login = rules.login
    if login.kind == "oauth2":
        return login.grant == "password"
    written = {name for name, _ in placeholders([login.body])} >= {"email"}
    return login.kind == "basic" or (login.kind in ("session", "cookie") and written)


def needs_password(rules: Rules, target: Target) -> bool:
    """Whether some actor signs in with the password that all accounts of the run share."""
    login = rules.login
    kinds = login.kind in ("session", "cookie", "basic")
    rows = asked_rows(target, rules)
    own = any(not row.password and not row.token_command for row in rows)
    return own and (kinds or (login.kind == "oauth2" and login.grant == "password"))


class World(Mapping[str, str]):
    """Ids and texts by name, as the rules' `[world]` declares them."""

    def __init__(self, target: str, values: Mapping[str, str]) -> None:
        self._target = target
        self._values = dict(values)

    def __getitem__(self, name: str) -> str:
        """
        Return a value of the world.

        Raises:
            LeftOutError: this target's world has no such value.
        """
        if name not in self._values:
            raise LeftOutError(
                f"the world of target {self._target!r} has no {name!r}: nothing was seeded for it"
            )
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class Seeding:
    """The seeding of one target by one run: the values for its templates, and the response."""

    def __init__(
        self, client: Client, rules: Rules, target: Target, gates_on: frozenset[str],
        env: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.client = client
        self.rules = rules
        self.target = target
        self.gates_on = gates_on
        self.env = env or {}
        self.answer: Any = None
        self.world = World(target.name, {})
        self.values = self._values()

    def _values(self) -> dict[str, Any]:
        seed = self.rules.seed
        values: dict[str, Any] = {
            "run": self.client.run.id,
            "tenant": self.target.tenant_slug or (seed.tenant if seed else ""),
            "password": self._password(),
            **self.env,
        }
        for index, (name, row) in enumerate(self.rules.actors.items()):
            # The environment names one account, which is that of the first actor.
            first = index == 0 and self.target.user_email
            email = self.target.user_email if first else render(row.email, values, self.gates_on)
            values[f"email:{name}"] = email
        return values

    def _password(self) -> str:
        password = password_of(self.target, self.rules)
        self.client.run.secrets.register(password, "SMOKE_USER_PASSWORD")
        return password

    async def seed(self) -> World:
        """
        Send the one seeding request, unless the target is seeded, and return the world.

        Raises:
            SmokeError: the seeding endpoint is switched off, or the target must not be seeded.
            BrokenError: the service refused the request.
            UnverifiedError: no answer came, or this URL serves no operation of the API.
        """
        if self.rules.seed is None or self.target.seeded or self.target.read_only:
            return World(self.target.name, {})
        operation = self.rules.seed.operation
        if self.target.protected and operation not in self.target.allow:
            raise SmokeError(
                f"Target {self.target.name!r} is protected, so it is not seeded. Set "
                "seeded = true in its row if its accounts exist, or ask for it by name: "
                f"--allow {operation!r}"
            )
        body = render(self.rules.seed.body, self.values, self.gates_on)
        exchange = await self.client.send(
            Request(operation=self.rules.seed.operation, actor="seeding", json=body)
        )
        must_be_the_api(self.client.contract, exchange)
        if exchange.status == NOT_FOUND:
            await must_be_there(self.client, exchange)
        self._must_have_seeded(exchange)
        self.answer = exchange.json
        return World(self.target.name, self._world())

    def _must_have_seeded(self, exchange: Exchange) -> None:
        seed = self.rules.seed
        assert seed is not None  # noqa: S101  (seed() returns early)
        if exchange.status is None:
            raise UnverifiedError(f"{exchange.method} {exchange.url}: {exchange.error}")
        if exchange.status in seed.absent:
            raise SmokeError(
                f"{exchange.method} {exchange.url} answered {exchange.status}: seeding is switched "
                f"off. Set {seed.setting}=true on the deployment, or set seeded = true in "
                f"[tool.smoke.targets.{self.target.name}] if its accounts exist "
                "(credentials from SMOKE_USER_EMAIL and SMOKE_USER_PASSWORD)."
            ).about(exchange)
        if not exchange.succeeded:
            body = self.client.run.shorten(exchange.body)[:300]
            raise BrokenError(f"Seeding failed: {exchange.operation}: {exchange.status} {body}")
        self.client.run.hit(seed.operation, "seeding")

    def _world(self) -> dict[str, str]:
        known = {name: self._found(pointer) for name, pointer in self.rules.world.items()}
        made = {name: self._found(pointer) for name, pointer in self.rules.world_made.items()}
        return known | made

    def _found(self, pointer: str, **more: str) -> str:
        values = {key: escape(str(value)) for key, value in {**self.values, **more}.items()}
        place = str(render(pointer, values, self.gates_on))
        found = at(self.answer, place)
        if found is None:
            raise BrokenError(f"Seeding answered without {place}, which the rules need.")
        return str(found)

    def account(self, name: str) -> Account:
        """The account of an actor; its ids are known only if this run seeded."""
        row = self.rules.actors[name]
        email = str(self.values[f"email:{name}"] or "")
        seeded = self.answer is not None
        given = self.target.seeded or self.target.read_only
        return Account(
            name=name,
            email=email,
            password=self._filled(row.password) or str(self.values["password"]),
            tenant_id=self._found(row.tenant_id, email=email) if seeded and row.tenant_id else None,
            user_id=self._found(row.user_id, email=email) if seeded and row.user_id else None,
            given=given,
            more={**self.env, **self._client(row), "run": self.values["run"]},
        )

    def _client(self, row: ActorRow) -> dict[str, str]:
        """The OAuth2 client of an actor."""
        pair = {"client_id": row.client_id, "client_secret": row.client_secret}
        found = {name: self._filled(text) for name, text in pair.items() if text}
        self.client.run.secrets.register(found.get("client_secret", ""), "SMOKE_CLIENT_SECRET")
        return found

    def _filled(self, text: str) -> str:
        return str(render(text, self.values, self.gates_on)) if text else ""

    def cleanup(self, world: World) -> list[Request]:
        """The requests that remove the seeded data of this run."""
        seed = self.rules.seed
        if seed is None or self.answer is None:
            return []
        values = {f"world:{name}": value for name, value in world.items()}
        return [
            Request(
                operation=row.operation,
                actor=row.actor,
                path=render(row.path, values, self.gates_on),
            )
            for row in seed.cleanup
        ]
