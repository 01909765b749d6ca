"""
The rules hold the facts about a service that no machine can infer, in one TOML file.

They define the sign-in, the seeding, the actor and the values of each operation, and the
exceptions with their reasons. Reading them sends nothing; one message reports all mistakes of the
file, each with its line.
"""

from smoke.config.rules.check import check
from smoke.config.rules.matching import Matched, match
from smoke.config.rules.model import (
    ActorRow,
    Call,
    Excepted,
    Known,
    Login,
    Rule,
    Rules,
    Sample,
    Seed,
    Then,
    Token,
)
from smoke.config.rules.reader import load, parse

__all__ = [
    "ActorRow",
    "Call",
    "Excepted",
    "Known",
    "Login",
    "Matched",
    "Rule",
    "Rules",
    "Sample",
    "Seed",
    "Then",
    "Token",
    "check",
    "load",
    "match",
    "parse",
]
