"""What a deployment may set, read once from a mapping into one frozen object."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from .variants import VARIANTS, Variant

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})


class SettingsError(ValueError):
    """A setting has a value that the service cannot use."""


class SignupPolicy(StrEnum):
    """Who may register: anybody, only the invited, or the invited after asking."""

    PUBLIC = "public"
    INVITE_ONLY = "invite_only"
    APPROVAL = "approval"


class StorageProvider(StrEnum):
    """Where object bytes live: on disk behind real URLs, or nowhere behind `memory://` ones."""

    DISK = "disk"
    MEMORY = "memory"


class Part(StrEnum):
    """What a deployment may lack without a setting of the real service that says so."""

    AI = "ai"
    CONTAINERS = "containers"
    PROVIDER = "provider"
    SSO = "sso"
    STORAGE = "storage"
    VECTOR_STORES = "vector_stores"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one service; the variable of each field is its name in capitals.

    Surfaces are open unless switched off; the test fixtures are shut unless switched on.

    `reference_…` are switches for those who test a suite; no real deployment has them. Wrong
    passwords and codes are always counted, other requests against limits only where they are on.
    Each password hash and each request holds the event loop for so many milliseconds.
    """

    use_test_fixtures: bool = False
    enable_billing: bool = True
    enable_billing_stream: bool = True
    enable_activity_stream: bool = True
    enable_frontend_log_ingest: bool = True
    signup_access_policy: SignupPolicy = SignupPolicy.PUBLIC
    storage_provider: StorageProvider = StorageProvider.DISK
    stripe_webhook_secret: str = field(default="", repr=False)
    vault_verify_enabled: bool = False
    debug: bool = False
    reference_variant: Variant = VARIANTS["full"]
    reference_without: frozenset[Part] = frozenset()
    reference_limits: bool = False
    reference_hash_ms: int = 0
    reference_work_ms: int = 0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read every setting from its variable; the others are as the variant has them.

        Raises:
            SettingsError: one or more values are not usable; all of them are named.
        """
        mistakes: list[str] = []
        values: dict[str, Any] = {}
        variant = VARIANTS.get(environment.get("REFERENCE_VARIANT", "full"), VARIANTS["full"])
        environment = {**variant.settings, **environment}
        for setting in fields(cls):
            name = setting.name.upper()
            if name not in environment:
                continue
            try:
                values[setting.name] = _parsed(name, environment[name], setting.default)
            except SettingsError as mistake:
                mistakes.append(str(mistake))
        if mistakes:
            raise SettingsError("\n".join(mistakes))
        return cls(**values)

    def lacks(self, part: str) -> bool:
        """Tell whether the deployment has to do without a part."""
        return part in self.reference_without


def _parsed(name: str, text: str, default: object) -> object:
    word = text.strip().lower()
    if isinstance(default, Variant):
        return VARIANTS[_one_of(name, word, VARIANTS)]
    if isinstance(default, frozenset):
        parts = [part.strip() for part in word.split(",") if part.strip()]
        return frozenset(Part(_one_of(name, part, Part)) for part in parts)
    if isinstance(default, StrEnum):
        return type(default)(_one_of(name, word, type(default)))
    if isinstance(default, bool):
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        raise SettingsError(f"{name}={text!r} is not a boolean. Use true or false.")
    if isinstance(default, int):
        if word.isascii() and word.isdigit():
            return int(word)
        raise SettingsError(f"{name}={text!r} is not a number. Use whole milliseconds.")
    return text.strip()


def _one_of(name: str, word: str, allowed: Iterable[str]) -> str:
    if word not in list(allowed):
        raise SettingsError(f"{name}={word!r} is unknown. Use one of: {', '.join(allowed)}.")
    return word
