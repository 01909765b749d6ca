"""Why a single check stays green against a liar: what a black box cannot see, by kind of check."""

from tests.liar.service import REMEMBERING, TO_EVERYBODY

READ = "one read alone: a valid example is a valid answer; its pair with a write is another check"
WRITE = "one write alone: the answer shows no effect; its read-back is another check"
REFUSED = "this liar does refuse callers without a token"
EXAMPLE = "the run wrote the contract's own example, and this liar shows that example"
REMEMBERED = "this liar remembers what was created, so the creation is read back"


def why_green(check: str, mode: str) -> str:
    """The reason why a check passes against a liar; empty if it must not pass."""
    family, _, rest = check.partition("[")
    if family.startswith("refusals."):
        return "" if mode == TO_EVERYBODY else REFUSED
    if family.startswith("readback."):
        return _why_read_back(rest, mode)
    method = check.partition(" ")[0]
    if method in ("GET", "HEAD"):
        return READ
    return WRITE if method in ("POST", "PUT", "PATCH", "DELETE") else ""


def _why_read_back(pair: str, mode: str) -> str:
    """The reason for a write that seems to be read back; a removal must never seem so."""
    if pair.rstrip("]").endswith("removed"):
        return ""
    created = pair.startswith(("POST ", "PUT ")) and "written" in pair
    return REMEMBERED if mode == REMEMBERING and created else EXAMPLE
