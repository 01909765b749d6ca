"""
Passive rules: every exchange must follow them, whatever its purpose. They send nothing.

A rule is a function of an exchange and the contract that yields findings:

    def errors_hide_the_stack(exchange: Exchange, contract: Contract) -> Iterator[Finding]:
        if (exchange.status or 0) >= 400 and b"Traceback (most recent" in exchange.body:
            yield Finding("behaviour", "", "The body of an error shows a stack trace.")

A finding of kind `behaviour` (a wrong action) or `shape` (an undocumented form of an answer) is
red, one of kind `format` is counted and noted. `pointer` is a JSON pointer into the body, or
`header <name>`; the message is a sentence that names the finding.

Write rules into a module of this package and name them in `RULES`. They see every exchange, so
they must be quick, must not raise, and must look at nothing that another exchange could change.
"""

from collections.abc import Callable, Iterable

from smoke.contract import Contract, Finding
from smoke.errors import Cause
from smoke.results.exchange import Exchange
from smoke.results.passive.content import json_is_sound
from smoke.results.passive.echoes import answers_repeat_what_was_sent
from smoke.results.passive.leaks import (
    answers_hide_stored_passwords,
    credentials_are_for_named_origins,
    errors_hide_inner_workings,
    errors_hide_the_credential,
    private_answers_stay_private,
)
from smoke.results.passive.rows import (
    events_are_of_one_tenant,
    events_are_sent_once,
    rows_are_listed_once,
    rows_match_filters,
)

__all__ = ["CAUSES", "RULES", "Finding", "Rule", "findings"]

Rule = Callable[["Exchange", "Contract"], Iterable[Finding]]

# The rules of every run, in the order in which their findings are reported.
RULES: tuple[Rule, ...] = (
    private_answers_stay_private,
    credentials_are_for_named_origins,
    errors_hide_inner_workings,
    errors_hide_the_credential,
    answers_hide_stored_passwords,
    json_is_sound,
    rows_match_filters,
    rows_are_listed_once,
    answers_repeat_what_was_sent,
    events_are_sent_once,
    events_are_of_one_tenant,
)

# Who must act on a red finding; one of another kind is counted.
CAUSES = {"behaviour": Cause.SERVICE, "shape": Cause.CONTRACT}


def findings(
    exchange: Exchange, contract: Contract, rules: Iterable[Rule] = RULES
) -> list[Finding]:
    """Return the findings of the rules in an exchange; without an answer there are none."""
    if exchange.status is None:
        return []
    return [finding for rule in rules for finding in rule(exchange, contract)]
