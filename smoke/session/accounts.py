"""Accounts of actors, and the sessions that their sign-ins begin."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

from smoke.results.exchange import Exchange
from smoke.session.sign_in import (
    Proof,
)

# Seconds before the end of a token at which a session is renewed.
RENEW_BEFORE_S = 60


@dataclass(frozen=True)
class Account:
    """The credentials of an actor; `more` are further values for the templates of the rules."""

    name: str
    email: str = ""
    password: str = field(default="", repr=False)
    tenant_id: str | None = None
    user_id: str | None = None
    # Whether the credentials come from the user: then a refusal is a misuse, not a defect.
    given: bool = False
    more: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Session:
    """One sign-in: the tokens and the verified claims of the access token (RFC 7519 §4)."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    claims: Mapping[str, Any]
    exchange: Exchange = field(repr=False)
    proof: Proof = field(default_factory=Proof, repr=False)
    began_s: float = field(default_factory=time.time)
    # The exchange of the sign-in, where `exchange` is a renewal.
    first: Exchange | None = field(default=None, repr=False)

    @property
    def signed_in(self) -> Exchange:
        """The exchange of the sign-in that the session comes from."""
        return self.first or self.exchange

    @property
    def answer(self) -> Any:
        """The service's response to the sign-in, as JSON."""
        return self.exchange.json

    @property
    def stale(self) -> bool:
        """
        Whether the session ends so soon that the actor must renew it.

        An opaque token with a lifetime below two minutes is renewed at half its lifetime.
        """
        now, expires = time.time(), self.claims.get("exp")
        if isinstance(expires, (int, float)) and expires - now < RENEW_BEFORE_S:
            return True
        margin_s = min(RENEW_BEFORE_S, (self.proof.expires_s - self.began_s) / 2)
        return self.proof.expires_s < inf and self.proof.expires_s - now < margin_s
