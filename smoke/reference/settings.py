"""What a deployment may set, read once from a mapping into one frozen object."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum

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
    """
    Where object bytes live: on disk behind real URLs, or nowhere behind symbolic `memory://` ones.
    """

    DISK = "disk"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one service; the variable of each field is its name in capitals.

    Surfaces are open unless switched off; the test fixtures are shut unless switched on. Requests
    are counted against limits only where asked for; wrong passwords and codes always are. The
    embedded model answers unless both a key and a base URL of a provider are set.
    """

    use_test_fixtures: bool = False
    enable_billing: bool = True
    enable_billing_stream: bool = True
    enable_activity_stream: bool = True
    enable_frontend_log_ingest: bool = True
    enable_ai: bool = True
    enable_vector_stores: bool = True
    enable_containers: bool = True
    enable_storage: bool = True
    enable_sso: bool = True
    signup_access_policy: SignupPolicy = SignupPolicy.PUBLIC
    storage_provider: StorageProvider = StorageProvider.DISK
    enable_rate_limits: bool = False
    vault_verify_enabled: bool = False
    debug: bool = False
    openai_api_key: str = field(default="", repr=False)
    openai_base_url: str = ""
    openai_model: str = "gpt-4o-mini"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read every setting from its variable; what is not set keeps its default.

        Raises:
            SettingsError: one or more values are not usable; all of them are named.
        """
        mistakes: list[str] = []
        values: dict[str, bool | str] = {}
        for setting in fields(cls):
            name = setting.name.upper()
            if name not in environment:
                continue
            try:
                values[setting.name] = _parsed(name, environment[name], type(setting.default))
            except SettingsError as mistake:
                mistakes.append(str(mistake))
        if mistakes:
            raise SettingsError("\n".join(mistakes))
        return cls(**values)  # type: ignore[arg-type]  # each parsed to its field's type


def _parsed(name: str, text: str, kind: type) -> bool | str:
    if kind is str:
        return text.strip()
    word = text.strip().lower()
    if kind is bool:
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        raise SettingsError(f"{name}={text!r} is neither true nor false. Use true or false.")
    members = [str(member) for member in kind]  # type: ignore[attr-defined]  # a StrEnum
    if word not in members:
        raise SettingsError(f"{name}={text!r} is unknown. Use one of: {', '.join(members)}.")
    return kind(word)  # type: ignore[no-any-return]
