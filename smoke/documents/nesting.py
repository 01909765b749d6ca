"""How deep values nest: what follows them step by step must not run out of stack."""

from __future__ import annotations

from typing import Any

DEEPEST = 150
"""Levels of objects and lists in one text; real documents have about thirty."""

TOO_DEEP = f"nested more than {DEEPEST} levels deep"


def too_deep(value: Any) -> bool:
    """Whether objects and lists nest deeper than anything of use, counted level by level."""
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(DEEPEST):
        level = [
            member
            for node in level
            for member in (node.values() if isinstance(node, dict) else node)
            if isinstance(member, (dict, list))
        ]
        if not level:
            return False
    return True


def deepest(text: str, marks: str = "[]{}") -> int:
    """The position of the first bracket that opens too deep; of the last character if none does."""
    opening, depth = marks[::2], 0
    for position, character in enumerate(text):
        if character in marks:
            depth += 1 if character in opening else -1
        if depth > DEEPEST:
            return position
    return max(len(text) - 1, 0)
