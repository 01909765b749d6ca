"""
The rules are what no machine can infer about a service, written down once in a TOML file.

How to sign in, what seeding makes, who calls what, which values work, what is excepted and why.
Reading them sends nothing; every mistake of the file is reported together, with its line.
"""

from __future__ import annotations

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
    StreamBounds,
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
    "StreamBounds",
    "Then",
    "Token",
    "check",
    "load",
    "match",
    "parse",
]
