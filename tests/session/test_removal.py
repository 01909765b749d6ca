"""Removals at the end of a run: which go together, and what is tried once more."""

import pytest

from smoke.session.cleanup.removal import Gone, take_away, waves


def in_groups(*removals: str) -> list[list[str]]:
    """Removals such as `DELETE /notes/1`, divided into groups."""

    def removed_by(removal: str) -> Gone:
        operation, _, maker = removal.partition(" by ")
        method, path = operation.split()
        return Gone(f"{method} {path.split('/')[1]}" if maker else method, path, maker)

    return waves(removals, removed_by)


@pytest.mark.parametrize(
    ("removals", "groups"),
    [
        ([], []),
        (["DELETE /notes/1", "DELETE /notes/2", "DELETE /tags/1"], [[0, 1, 2]]),
        (["DELETE /notes/1/tags/1", "DELETE /notes/1"], [[0], [1]]),
        (["DELETE /notes/1", "DELETE /notes/1/tags/1"], [[0], [1]]),
        (["DELETE /notes/1", "DELETE /notes/1"], [[0], [1]]),
        (["DELETE /notes/1", "DELETE /notes/10"], [[0, 1]]),
        (["DELETE /notes/1", "POST /close", "DELETE /notes/2"], [[0], [1], [2]]),
        (["DELETE /notes/1/tags/1", "DELETE /notes/1", "DELETE /notes/2"], [[0, 2], [1]]),
        (["DELETE /notes/1 by a", "DELETE /tags/1 by a", "DELETE /tags/2 by b"], [[0, 2], [1]]),
    ],
    ids=["none", "apart", "child_first", "parent_first", "twice", "same_beginning", "not_a_delete",
         "past_another", "of_two_makers"],
)  # fmt: skip
def test_only_things_apart_are_removed_together(
    removals: list[str], groups: list[list[int]]
) -> None:
    assert in_groups(*removals) == [[removals[at] for at in group] for group in groups]


async def test_refused_removal_is_tried_again_alone() -> None:
    there = {"order", "customer"}

    async def attempt(name: str) -> str:
        if name == "customer" and "order" in there:
            there.discard("order")  # the other removal of the group comes through a moment later
            return "answered 409"
        there.discard(name)
        return ""

    assert await take_away([["customer", "order"]], attempt) == []
    assert there == set()


async def test_what_stays_is_returned_with_its_last_reason() -> None:
    tries: list[str] = []

    async def attempt(name: str) -> str:
        tries.append(name)
        return "" if name == "note" else f"try {tries.count(name)}"

    assert await take_away([["note", "tag"], ["lock"]], attempt) == [
        ("tag", "try 2"), ("lock", "try 1"),
    ]  # fmt: skip
    assert tries == ["note", "tag", "tag", "lock"]
