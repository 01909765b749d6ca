"""Production: a target whose host looks like it is not seeded unless it is named twice."""

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from smoke.errors import SmokeError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from smoke.config.rules import Rules
    from smoke.config.settings import Settings
    from smoke.config.targets import Target

WORDS = ("prod", "prd", "production", "live")
"""What a host is known by where `[tool.smoke]` does not say what production is."""

DENIED = ("pre", "non", "not")
"""What makes the word behind it mean something else, as in `pre-prod`."""


def looks_like(target: "Target", patterns: "Iterable[str]") -> str:
    """Return the pattern by which a target looks like production; empty where none does.

    A pattern with a dot or a `*` is one for the whole host. Another is a word of it: what stands
    between dots and hyphens, a number behind it left out. The last label is a top-level domain.
    """
    host = (urlsplit(target.base_url).hostname or "").rstrip(".")
    if target.loopback:
        return ""
    words = set(_words(host))
    for pattern in patterns:
        whole = "." in pattern or "*" in pattern
        if fnmatchcase(host, pattern.lower()) if whole else pattern.lower() in words:
            return pattern
    return ""


def _words(host: str) -> "Iterator[str]":
    labels = host.split(".")
    for label in labels[:-1] or labels:
        parts = re.split("[-_]", label)
        for before, part in zip(["", *parts], parts, strict=False):
            if before not in DENIED:
                yield part.rstrip("0123456789")


def meant_of(
    words: "Iterable[str]", targets: "Mapping[str, object]", mistakes: list[str]
) -> set[str]:
    """Return the targets that are named a second time; a name of none is a mistake."""
    names = {word.strip() for word in words} - {""}
    mistakes += [
        f"--production {name!r} (or SMOKE_PRODUCTION) names no target. "
        f"Targets: {', '.join(targets)}.{nearest(name, targets)}"
        for name in sorted(names - set(targets))
    ]
    return names


def must_be_meant(settings: "Settings", rules: "Rules") -> None:
    """Stop before anything is sent where a run would seed production and that is not meant.

    Raises:
        SmokeError: the target looks like production and was named once only.
    """
    target = settings.target
    if not settings.production or rules.seed is None or target.seeded or target.read_only:
        return
    name = target.name
    raise SmokeError(
        f"Target {name!r} is at {target.base_url}, which looks like production "
        f"({settings.production!r}), and this run would seed it: nothing was sent. If that is "
        f"meant, name it a second time: --production {name} (or SMOKE_PRODUCTION={name}). "
        f"If its accounts exist, set seeded = true in [tool.smoke.targets.{name}]. "
        "If it is not production, say what is: production = [...] in [tool.smoke]."
    )
