"""The rules file as frozen data; templates and references stay as written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

ANONYMOUS = "anonymous"


# The refusals of an operation that no outsider tries: what it needs would stay on the service.
UNASKED = (0,)


@dataclass(frozen=True, slots=True)
class Call:
    """An operation with its values, such as the one that renews a session."""

    operation: str
    actor: str = ANONYMOUS
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True)
class Token:
    """How to verify access tokens (RFC 7519) against the service's own key set (RFC 7517)."""

    jwks: str
    algorithms: tuple[str, ...]
    issuer: str | None = None
    audience: str | None = None
    leeway_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Csrf:
    """
    The source of a session's CSRF token, and the header that carries it.

    `cookie` or `pointer` (into JSON) names the token; the actor reads `page` before the sign-in.
    """

    header: str = ""
    cookie: str = ""
    pointer: str | None = None
    page: str = ""


@dataclass(frozen=True, slots=True)
class Login:
    """
    How an actor authenticates: with a `session` or a `cookie` from a sign-in, with `oauth2`, with a
    `key`, with its password (`basic`), with a signature (`aws`), or not at all (`none`).

    `access`, `refresh`, `expires` and `kid` are JSON pointers into the answer of `operation`, or of
    `url`, which lies outside the contract. `form` sends the body as a form. `cookie` names the
    cookie that a sign-in must set. With `key`, `scheme` is the security scheme that carries it, or
    its name in the contract; `prefix` stands before a token.
    """

    kind: str = "session"
    operation: str = ""
    url: str = ""
    body: Any = None
    form: bool = False
    headers: Mapping[str, Any] = field(default_factory=dict)
    prefix: str = ""
    cookie: str = ""
    csrf: Csrf | None = None
    grant: str = "client_credentials"
    scope: str = ""
    client_auth: str = "header"
    service: str = ""
    region: str = ""
    access: str = ""
    refresh: str | None = None
    expires: str | None = None
    kid: str | None = None
    scheme: str | Mapping[str, Any] | None = None
    renew: Call | None = None
    end: Call | None = None
    token: Token | None = None


@dataclass(frozen=True, slots=True)
class Seed:
    """The one seeding request; `absent` lists the statuses of a switched-off endpoint."""

    operation: str
    body: Any = None
    absent: tuple[int, ...] = (404,)
    setting: str = ""
    tenant: str = ""
    cleanup: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True)
class ActorRow:
    """
    One actor: its account, and the places of its ids in the seeding response.

    `key`, and each of `keys` by security scheme, names an environment variable.
    """

    name: str
    email: str = ""
    password: str = ""
    client_id: str = ""
    client_secret: str = ""
    token_command: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    tenant: str = ""
    user_id: str | None = None
    tenant_id: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Excepted:
    """The reason why a run does not send an operation; no `targets` means all targets."""

    reason: str
    link: str = ""
    targets: tuple[str, ...] = ()

    def holds_on(self, target: str) -> bool:
        """Whether it holds on a target."""
        return not self.targets or target in self.targets


@dataclass(frozen=True, slots=True)
class Then:
    """
    Bytes to send to a URL in the response; `url`, `method` and `headers` are JSON pointers.

    Without `method` it is PUT. A URL other than http or https is ignored.
    """

    url: str
    text: str
    method: str | None = None
    headers: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One rule: its operations, and their values.

    With a `name` it adds one more request for its operation instead of changing the usual one.
    `send` is a person's decision to send an operation that may do harm: True, or "same" to write
    back the value of an earlier read. `own` names the operation that creates the thing in the path.
    `holds` has values that the answer must have, by JSON pointer. A `step` of a workflow is sent
    even if no other request needs it.
    `place` is `file:line`, `rank` orders rules that match the same operation: the more exact rule
    comes later and wins.
    """

    place: str
    operations: tuple[str, ...]
    rank: int = 2
    name: str = ""
    actor: str | None = None
    gate: str | None = None
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    media_type: str | None = None
    expect: tuple[int, ...] = ()
    excepted: Excepted | None = None
    creates: str | None = None
    destroys: bool | None = None
    ends_session: bool | None = None
    after: tuple[str, ...] = ()
    victim: str | None = None
    send: bool | str | None = None
    own: str | None = None
    stream: Mapping[str, Any] | None = None
    then: Then | None = None
    optional: bool = False
    undocumented: bool | None = None
    anonymous: tuple[int, ...] | None = None
    outsider: tuple[int, ...] | None = None
    invalid: bool | None = None
    slow_s: float | None = None
    shape: str | None = None
    holds: Mapping[str, Any] | None = None
    step: bool | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A known defect: the run still sends the operation, and is red once it works or expires."""

    place: str
    operations: tuple[str, ...]
    kind: str
    reason: str
    link: str
    expires: date
    status: tuple[int, ...] = ()
    targets: tuple[str, ...] = ()
    intermittent: bool = False
    optional: bool = False

    def expired(self, today: date) -> bool:
        """Whether the date has passed, so that the entry needs a review."""
        return today > self.expires


@dataclass(frozen=True, slots=True)
class Sample:
    """Values for fields with a name, tried in order; a glob such as `*_url` matches several."""

    name: str
    values: tuple[Any, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Rules:
    """The whole file; `places` gives `file:line` of a dotted key, for messages."""

    source: str = "no rules"
    rules: tuple[Rule, ...] = ()
    samples: tuple[Sample, ...] = ()
    known: tuple[Known, ...] = ()
    ready: str | None = None
    live: str | None = None
    login: Login = field(default_factory=lambda: Login(kind="none"))
    seed: Seed | None = None
    world: Mapping[str, str] = field(default_factory=dict)
    world_made: Mapping[str, str] = field(default_factory=dict)
    actors: Mapping[str, ActorRow] = field(default_factory=dict)
    digest: str = ""
    places: Mapping[str, str] = field(default_factory=dict)

    def place(self, key: str) -> str:
        """The `file:line` of a key, or of its nearest parent."""
        while key and key not in self.places:
            key = key.rpartition(".")[0]
        return self.places.get(key, f"{self.source}:1")

    @property
    def default_actor(self) -> str:
        """The caller of secured operations without a rule for it: the first actor."""
        return next(iter(self.actors), ANONYMOUS)
