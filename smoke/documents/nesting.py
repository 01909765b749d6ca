"""The nesting limit of values: recursive code must not run out of stack."""

from typing import Any

# The most levels of objects and lists in one text; real documents have about thirty.
DEEPEST = 150

TOO_DEEP = f"nested more than {DEEPEST} levels deep"


def too_deep(value: Any) -> bool:
    """Whether objects and lists nest deeper than the limit."""
    # Level by level instead of by recursion: the value may nest deeper than the stack.
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
    """The position of the first bracket beyond the limit, else of the last character."""
    opening, depth = marks[::2], 0
    for position, character in enumerate(text):
        if character in marks:
            depth += 1 if character in opening else -1
        if depth > DEEPEST:
            return position
    return max(len(text) - 1, 0)
