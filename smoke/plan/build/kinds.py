"""
Kinds: the effect of an operation, derived from its method and from the words in its names.
"""

import re
from collections.abc import Iterable

from smoke.contract import Operation
from smoke.plan.build.answers import Answers
from smoke.plan.build.naming import singular, words

# Words in the names of operations, grouped by the effect that they suggest.
#
# They only make the planner more careful: an operation without such words still needs a reason to
# be sent (`consent`). Names are split at case, hyphen, underscore, colon and slash.
TAKES = "takes something away"
OVERWRITES = "overwrites what is there"
STOPS = "stops or restarts something"

# The effect that each word suggests. A plural is listed only if it names the action itself.
EFFECTS: dict[str, str] = {
    word: effect
    for effect, group in {
        TAKES: """
            abandon abort annihilate archive ban blacklist cancel cancellation cancellations
            clean cleanup clear close deactivate decline decommission delete deletion deletions
            demolish deny deprovision deregister dequeue destroy destruct destruction detach disable
            discard disconnect dispose dissolve drain drop eject eliminate empty erase erasure evict
            eviction expel expire expunge flush forget invalidate kick kill leave nuke nullify
            obliterate pop prune purge purges quarantine recall redact refund refunds reject removal
            removals remove reset resets retire revocation revocations revoke scrub shred shrink
            strip stop suspend terminate termination terminations trash truncate unassign unbind
            uninstall unlink unpublish unregister unset unshare unsubscribe vacuum void wipe wipes
            withdraw zap""",
        OVERWRITES: """
            converge dedupe deduplicate downgrade import merge merges migrate override overwrite
            reassign rebuild regenerate reimport reindex reinitialize reinstall rekey renumber
            replace reprocess resync restore restores revert rewrite rollback rollbacks rotate
            squash supersede swap transfer undo upgrade""",
        STOPS: """
            crash exit failover freeze halt hibernate lock lockdown maintenance pause poweroff
            quit reboot reboots restart restarts shutdown shutdowns shutoff sleep standby""",
    }.items()
    for word in group.split()
}

PHRASES = {
    "power off": STOPS,
    "shut down": STOPS,
    "shut off": STOPS,
    "switch off": STOPS,
    "take down": TAKES,
    "tear down": TAKES,
    "turn off": STOPS,
    "clean up": TAKES,
    "roll back": OVERWRITES,
}

# Words that end the caller's session.
ENDING = (
    *("logout", "logoff", "signout", "signoff", "endsession", "log out", "log off", "sign out"),
    *("sign off", "end session", "end sessions", "logoutall", "signoutall", "session end", "slo"),
    *("sessions end", "end all sessions", "single logout", "logmeout", "log me out", "logouts"),
    # the same in other languages
    *("abmelden", "ausloggen", "deconnexion", "deconnecter", "cerrar sesion", "salir", "sair"),
    *("logga ut", "uitloggen", "afmelden", "esci", "odhlasit", "wyloguj"),
)

# Words that extend the end to all sessions of the account.
EVERYWHERE = frozenset({"all", "everywhere", "others", "every"})

# Segments that stand for the caller.
CALLER = frozenset({"me", "self", "myself"})

# Words that mean the action everywhere, also in a summary or a tag.
PLAIN = frozenset({"delete", "deletion", "destroy", "erase", "purge", "remove", "shutdown", "wipe"})

ARTICLES = frozenset({"a", "all", "an", "any", "every", "its", "the", "this", "your"})

# First words of an operation id that only shows something: `getDeleteReasons`.
SHOWING = frozenset(
    {"check", "count", "describe", "fetch", "find", "get", "head", "list", "read", "show", "view"}
)

# Words that, alone, are often the name of a resource that is read.
NOUNS = frozenset({"archive", "import", "lock", "maintenance", "refund", "trash"})

# Words that may stand beside an action word: `delete-all` is an action, `delete-reasons` is not.
FILLERS = frozenset(
    {
        *("account", "accounts", "all", "batch", "bulk", "cache", "caches", "data", "database"),
        *("db", "everything", "expired", "factory", "force", "hard", "index", "it", "key", "keys"),
        *("mass", "me", "now", "old", "queue", "self", "server", "service", "session", "sessions"),
        *("soft", "stale", "switch", "system", "token", "tokens", "user", "users"),
    }
)

# Words of a POST that only reads, with its question in the body.
READING = frozenset(
    {
        *("aggregate", "autocomplete", "calculate", "compare", "count", "diff", "estimate"),
        *("explain", "filter", "inspect", "lookup", "paginate", "preview", "query", "search"),
        *("simulate", "suggest", "validate"),
    }
)

_VERBS = "|".join(word for word in EFFECTS if not word.endswith(("s", "ion", "al", "ure")))
_FILLERS = "|".join(sorted(FILLERS))
# A segment that consists of action words only, joined or not: `clear-cache`, `bulkdelete`.
_DEED = re.compile(rf"(?:{_FILLERS})*(?:{_VERBS})(?:{_VERBS}|{_FILLERS})*")

# Words that start something on the service. A POST is meant to do something, so they are harmless
# there; as the whole last segment of a GET they are suspicious.
STARTING = (
    "broadcast|deploy|dispatch|execute|ingest|launch|notify|promote|provision|publish|recalculate|"
    "recompute|reconcile|reconnect|redeploy|reload|rerun|resend|resync|send|sync|synchronise|"
    "synchronize|trigger"
)
_START = re.compile(rf"(?:{STARTING})(?:again|all|cache|config|configuration|now)?")

# Words that may introduce a second action: `validate-and-apply`.
JOINING = frozenset({"and", "or", "then"})


def segments(path: str) -> list[tuple[str, ...]]:
    """The words of each literal segment of a path; a colon and a dot separate them like a slash."""
    parts = re.split(r"[/:.]", path)
    return [words(part) for part in parts if part and "{" not in part]


def effect_of(operation: Operation) -> str:
    """The effect that the words of an operation suggest; empty if no word is known."""
    named = [word for segment in segments(operation.path) for word in segment]
    first = [words(text)[:1] for text in (operation.operation_id or "", operation.summary)]
    doing = [singular(word) for found in first for word in found]
    texts = (operation.operation_id or "", operation.summary, *operation.tags)
    described = [word for text in texts for word in words(text)]
    found = [EFFECTS.get(word, "") for word in (*named, *doing)]
    found += [EFFECTS[word] for word in described if word in PLAIN]
    found += [effect for phrase, effect in PHRASES.items() if _says(named, phrase)]
    return next(filter(None, found), "")


def is_deed(operation: Operation) -> bool:
    """Whether the name of an operation with a safe method is an action: `GET /cache/clear`."""
    parts = segments(operation.path)
    if any(_DEED.fullmatch(text := "".join(part)) and text not in NOUNS for part in parts):
        return True
    if operation.path[-1:] != "}" and parts and _START.fullmatch("".join(parts[-1])):
        return True
    phrased = any(_says(part, phrase) for part in parts for phrase in PHRASES)
    return phrased or _orders(operation)


def _orders(operation: Operation) -> bool:
    """Whether the operation id or the summary of a safe method is an order, not a description."""
    named = words(operation.operation_id or "")
    said = [*words(operation.summary), "", ""]
    if said[0].endswith("ly"):  # "Permanently deletes all rows"
        said = said[1:]
    verb = singular(said[0])
    # A verb with an article is an order: "Flush the queue", but not "Archive of the month".
    ordered = verb in PLAIN or (verb in EFFECTS and said[1] in ARTICLES)
    return ordered or (named[:1] != () and named[0] not in SHOWING and bool(PLAIN & set(named)))


def only_asks(operation: Operation) -> bool:
    """Whether the last segment of a POST means reading, and no other word means more."""
    last = (segments(operation.path) or [()])[-1]
    named = operation.method == "POST" and bool(last) and "}" not in operation.path[-1:]
    asks = named and bool(READING & {last[0], singular(last[-1])})
    return asks and not JOINING & set(last) and not effect_of(operation)


def says_end(operation: Operation) -> bool:
    """Whether a word or tag of an operation means the end of its caller's session."""
    texts = [operation.operation_id or "", operation.summary, *operation.tags]
    path = segments(operation.path)
    # Also across two segments: `/session/end`.
    named = [*path, [word for part in path for word in part], *(words(text) for text in texts)]
    return any(_says(some, phrase) for some in named for phrase in ENDING)


def _says(named: Iterable[str], phrase: str) -> bool:
    return f" {phrase} " in f" {' '.join(named)} "


CREATE, READ, LIST, ASK = "create", "read", "list", "ask"
ACT, UPDATE, DELETE, END = "act", "update", "delete", "end"
# The phases in the order in which they are sent; making and reading go together, by depth.
RANK = {CREATE: 0, READ: 0, LIST: 1, ASK: 2, ACT: 2, UPDATE: 3, DELETE: 4, END: 5}


def destroys(operation: Operation) -> bool:
    """Whether an operation removes something."""
    if operation.safe:
        return False
    return operation.method == "DELETE" or effect_of(operation) == TAKES


def reads(operation: Operation) -> bool:
    """Whether an operation only reads: by its method, or a POST by its name."""
    return (operation.safe and not is_deed(operation)) or only_asks(operation)


def ends_session(operation: Operation) -> bool:
    """Whether an operation ends its caller's session, or removes the caller's account."""
    return says_end(operation) or takes_caller(operation)


def takes_caller(operation: Operation) -> bool:
    """Whether an operation removes its caller, such as `DELETE /users/me`."""
    named = {word for segment in segments(operation.path) for word in segment}
    return bool(CALLER & named) and "{" not in operation.path and destroys(operation)


def ends_all_sessions(operation: Operation) -> bool:
    """Whether an operation ends every session of an account, not only the caller's."""
    named = [word for segment in segments(operation.path) for word in segment]
    return bool(EVERYWHERE & set(named)) or any(word.endswith("all") for word in named)


def phase(
    operation: Operation, answers: "Answers", creates: bool, destroying: bool, ends: bool
) -> str:
    """The phase of a run in which an operation is sent."""
    # The end of a session comes last, also if the operation deletes something as well.
    if ends:
        return END
    if destroying:
        return DELETE
    if operation.safe:
        lists = not operation.path.endswith("}") and any(f.rows for f in answers.fields(operation))
        return LIST if lists else READ
    if only_asks(operation):
        return ASK
    if creates:
        return CREATE
    return UPDATE if operation.method in {"PUT", "PATCH"} else ACT
