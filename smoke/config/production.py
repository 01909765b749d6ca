"""
Production guard: a run that writes to a production target must name the target twice.

The row of a target may declare its `environment`. Otherwise the words of its host, its path and its
name decide. An address of this machine could be a tunnel to anywhere unless the run started the
service itself, so such a row must declare its environment.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from urllib.parse import unquote, urlsplit

from smoke.config.targets import Target
from smoke.errors import SmokeError, nearest

# The words for production if `[tool.smoke]` does not list its own.
WORDS = ("prod", "prd", "production", "live")

DIGITS = "0123456789"

# A word after one of these means something else, as in `pre-prod`.
DENIED = ("pre", "non", "not")

# Words that begin or end with a word for production, but mean something else.
OTHERS = re.compile(
    r"produc(?!tion)|productions|prodig"  # product, producer, a film company, prodigy
    r"|live(stream|stock|chat|kit|ness|ly|r)|\w*(alive|olive|relive|outlive)$"
)

# Words that are also top-level domains, so that they mean nothing at the end of a host.
TOP_LEVEL = ("live",)

PRODUCTION = "production"
# The environments that the row of a target may declare.
ENVIRONMENTS = ("local", "test", "staging", PRODUCTION)


def looks_like(target: Target, patterns: Iterable[str]) -> str:
    """
    Return the reason why a target looks like production; empty if it does not.

    A pattern with a dot or a `*` matches the whole host. Any other pattern matches one word of the
    host, of the path or of the target's name. Dots, slashes and hyphens separate words; a number at
    the end of a word is ignored. The default words also match inside longer words (`prodapi`,
    `eu1prod`).
    """
    if target.environment or target.serve:
        return "environment" if target.environment == PRODUCTION else ""
    parts = urlsplit(target.base_url)
    host = (parts.hostname or "").rstrip(".")
    words = [*_words(target.name.lower()), *_words(unquote(parts.path).lower())]
    # A tunnel has the host of this machine, but often the path or the name of production.
    words += [] if target.loopback else _words(_without_top_level(host))
    bare = {word.rstrip(DIGITS) for word in words}
    patterns = [pattern.lower() for pattern in patterns]
    for pattern in patterns:
        whole = "." in pattern or "*" in pattern
        if fnmatchcase(host, pattern) and not target.loopback if whole else pattern in bare:
            return pattern
    # Only the default words match inside other words: a project's own word may be a common one.
    glued = (pattern for pattern in WORDS if pattern in patterns)
    return next((pattern for pattern in glued if any(_has(word, pattern) for word in words)), "")


def _without_top_level(host: str) -> str:
    head, dot, last = host.rpartition(".")
    return head if dot and last in TOP_LEVEL else host


def _words(text: str) -> Iterator[str]:
    """The words of a host, a path or a name, except those after a denying word such as `pre`."""
    for label in re.split(r"[./]", text):
        parts = re.split("[-_]", label)
        for before, part in zip(["", *parts], parts, strict=False):
            if before not in DENIED:
                yield part


def _has(word: str, pattern: str) -> bool:
    """Whether a word begins or ends with a word for production, without a separator."""
    word = word.rstrip(DIGITS)
    if OTHERS.match(word):
        return False
    ends = word.endswith(pattern) and not word.removesuffix(pattern).endswith(DENIED)
    return word.startswith(pattern) or ends


def meant_of(words: Iterable[str], targets: Mapping[str, object], mistakes: list[str]) -> set[str]:
    """Return the targets that the user names a second time; an unknown name is a mistake."""
    names = {word.strip() for word in words} - {""}
    mistakes += [
        f"--production {name!r} (or SMOKE_PRODUCTION) names no target. "
        f"Targets: {', '.join(targets)}.{nearest(name, targets)}"
        for name in sorted(names - set(targets))
    ]
    return names


def must_be_meant(target: Target, why: str) -> None:
    """
    Stop before the run sends anything if it would write to production by accident.

    `why` is the reason why the target looks like production; empty if it does not, or if the user
    named it twice.

    Raises:
        SmokeError: it looks like production and was named once, or it may be a tunnel.
    """
    row = f"[tool.smoke.targets.{target.name}]"
    # Reads cannot harm production, so they need no second name.
    if target.read_only:
        return
    if why:
        name = target.name
        raise SmokeError(
            f"Target {name!r} is at {target.base_url}, which looks like production ({why!r}), and "
            f"this run would write to it: nothing was sent. If that is meant, name it a second "
            f"time: --production {name} (or SMOKE_PRODUCTION={name}). To send nothing but reads, "
            f"set read_only = true in {row}. If it is not production, set there what it is: "
            'environment = "staging".'
        )
    if target.loopback and not target.environment and not target.serve:
        raise SmokeError(
            f"Target {target.name!r} is at {target.base_url}, which this run did not start: it may "
            "be a tunnel to production, and this run would write to it. Nothing was sent. Set what "
            f'it is in {row}: environment = "local" (or "test", "staging", "production"), or '
            "SMOKE_ENVIRONMENT=local for this run."
        )
