"""Why a single check stays green against a liar: what a black box cannot see, by kind of check."""

from collections.abc import Sequence

from tests.liar.service import REMEMBERING, TO_EVERYBODY

READ = "one read alone: a valid example is a valid answer; its pair with a write is another check"
WRITE = "one write alone: the answer shows no effect; its read-back is another check"
REFUSED = "this liar does refuse callers without a token"
EXAMPLE = "the run wrote the contract's own example, and this liar shows that example"
HONEST = "signing in, key set, health and seeding are answered by the sound service"
ONE_PAGE = "the liar's list has one page, so that no other page can disagree with it"
UNREAD = "the contract reads nowhere what this write changes"
REMEMBERED = "this liar remembers what was created, so the creation is read back"
AGREED = "this liar shows the same example in every view, so that no view says anything else"


def why_green(check: str, mode: str) -> str:
    """The reason why a check passes against a liar; empty if it must not pass."""
    family, _, rest = check.partition("[")
    if family.startswith("refusals."):
        return "" if mode == TO_EVERYBODY else REFUSED
    if family.startswith("views."):
        return AGREED
    if family.startswith("readback."):
        return _why_read_back(rest, mode)
    method = check.partition(" ")[0]
    if method in ("GET", "HEAD"):
        return READ
    return WRITE if method in ("POST", "PUT", "PATCH", "DELETE") else ""


def why_green_in_suite(check: str, mode: str, sent: Sequence[tuple[str, bool]]) -> str:
    """
    The reason why a check of the whole suite passes against a liar; empty if it must not pass.

    `sent` has the method of each request of the check, and whether the sound service answered it.
    A check without requests expects something of an answer that others read before.
    """
    if check.startswith("paging."):
        return ONE_PAGE
    if check.startswith("views."):
        return AGREED
    if check.startswith("refusals."):
        return "" if mode == TO_EVERYBODY else REFUSED
    # What a check expects is about its last request; those before prepare it.
    if sent and sent[-1][1]:
        return HONEST
    lied = {method for method, is_honest in sent if not is_honest}
    if lied <= {"GET", "HEAD", "OPTIONS"}:
        return READ
    return UNREAD if len(sent) == 1 else ""


def _why_read_back(pair: str, mode: str) -> str:
    """The reason for a write that seems to be read back; a removal must never seem so."""
    if pair.rstrip("]").endswith("removed"):
        return ""
    created = pair.startswith(("POST ", "PUT ")) and "written" in pair
    return REMEMBERED if mode == REMEMBERING and created else EXAMPLE
