"""Limits: how often a caller may do what costs something, counted in this process.

They hold only where the settings ask for them: tests and smoke runs repeat themselves all day.
"""

import time
from collections import defaultdict, deque
from dataclasses import dataclass, field

from .errors import too_many_requests

MINUTE_S = 60
HOUR_S = 60 * MINUTE_S
DAY_S = 24 * HOUR_S


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many times within so many seconds, for one caller of the named kind."""

    name: str
    most: int
    within_s: int
    says_when: bool = True


CONTACT = (Limit("contact/email", 3, HOUR_S), Limit("contact/address", 20, HOUR_S))
SIGNUP_ADDRESS = (Limit("signup/hour", 20, HOUR_S), Limit("signup/day", 100, DAY_S))
SIGNUP_EMAIL = Limit("signup/email", 3, DAY_S)
SIGNUP_DOMAIN = Limit("signup/domain", 20, DAY_S)
FORGOT = (Limit("forgot/email", 5, HOUR_S), Limit("forgot/address", 20, HOUR_S))
EMAIL_SEND = (Limit("email/user", 3, HOUR_S), Limit("email/address", 10, HOUR_S))
MFA = (Limit("mfa/user", 10, HOUR_S, says_when=False), Limit("mfa/address", 20, HOUR_S, False))
SSO_START = (Limit("sso-start/tenant", 30, MINUTE_S), Limit("sso-start/address", 60, MINUTE_S))
SSO_CALLBACK = Limit("sso-callback/address", 30, MINUTE_S)
CHAT = Limit("chat/user", 60, MINUTE_S)
CHAT_STREAM = Limit("chat-stream/user", 30, MINUTE_S)
STATUS_MAIL = Limit("status/mail", 5, HOUR_S, says_when=False)
STATUS_WEBHOOK = Limit("status/webhook", 20, HOUR_S, says_when=False)
SERVICE_ACCOUNT = (
    Limit("service-account/one", 5, MINUTE_S, says_when=False),
    Limit("service-account/all", 30, MINUTE_S, says_when=False),
)


@dataclass(slots=True)
class Limits:
    """The counters of one process; `is_on` tells whether anything is counted."""

    is_on: bool = False
    _times: dict[tuple[str, str], deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def count(self, limit: Limit, caller: str) -> None:
        """Count one attempt of a caller; 429, uncounted, when there were as many as allowed."""
        if not self.is_on:
            return
        present, times = time.monotonic(), self._times[limit.name, caller.lower()]
        while times and times[0] <= present - limit.within_s:
            times.popleft()
        if len(times) >= limit.most:
            wait_s = int(times[0] + limit.within_s - present) + 1
            raise too_many_requests(
                "Too many attempts. Try again later.",
                retry_after_s=wait_s if limit.says_when else None,
            )
        times.append(present)

    def count_each(self, limits: tuple[Limit, ...], *callers: str) -> None:
        """Count one attempt against several limits, each with its own kind of caller."""
        for limit, caller in zip(limits, callers, strict=True):
            self.count(limit, caller)
