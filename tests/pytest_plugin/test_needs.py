"""Which checks may run beside each other, by what they change, read and make first."""

import pytest

from smoke.pytest_plugin.beside.needs import ENTRY, OTHERS, REFUSAL, Crowd, Needs

CHANGES = Needs(changes=frozenset({"settings"}))
READS = Needs(reads=frozenset({"settings"}))
SIGNS_IN = Needs(first=frozenset({"actor owner"}))
ALONE = Needs(always_alone=True)
BOOK = "entry POST /books"
MAKES = Needs(kind=OTHERS, makes=frozenset({(BOOK, "/books"), (BOOK, "value world shelf")}))


def admitted(needs: Needs, *running: Needs, made: frozenset[str] = frozenset()) -> bool:
    """Whether a check may run beside others."""
    crowd = Crowd(made)
    for one in running:
        crowd.add(one)
    return crowd.admits(needs)


@pytest.mark.parametrize("needs", [CHANGES, READS, SIGNS_IN, ALONE, MAKES])
def test_nothing_disturbs_a_check_that_is_alone(needs: Needs) -> None:
    assert admitted(needs)


def test_change_is_alone_with_its_thing_and_reads_are_not() -> None:
    assert not admitted(CHANGES, CHANGES)
    assert not admitted(CHANGES, READS)
    assert not admitted(READS, CHANGES)
    assert admitted(READS, READS)
    assert admitted(CHANGES, Needs(changes=frozenset({"profile"})))


def test_first_use_is_alone_until_it_has_passed() -> None:
    assert not admitted(SIGNS_IN, SIGNS_IN)
    assert admitted(SIGNS_IN, SIGNS_IN, made=SIGNS_IN.first)
    assert admitted(SIGNS_IN, READS)


def test_check_that_is_always_alone_admits_no_other_and_waits_for_all() -> None:
    assert not admitted(ALONE, READS)
    assert not admitted(READS, ALONE)


def test_checks_of_another_kind_wait() -> None:
    assert not admitted(Needs(kind=ENTRY), READS)


def test_refusals_without_a_token_run_beside_checks_only() -> None:
    assert admitted(Needs(kind=REFUSAL), READS)
    assert admitted(READS, Needs(kind=REFUSAL))
    assert not admitted(Needs(kind=REFUSAL), Needs(kind=ENTRY))
    assert not admitted(Needs(kind=ENTRY), READS, Needs(kind=REFUSAL))


@pytest.mark.parametrize(
    "place", ["/books", "/books/pages", "", "value world shelf"], ids=["there", "in", "all", "of"]
)
def test_nothing_is_made_where_another_check_looks(place: str) -> None:
    looks = Needs(kind=OTHERS, looks=frozenset({place}))
    assert not admitted(MAKES, looks)
    assert not admitted(looks, MAKES)
    assert admitted(looks, MAKES, made=frozenset({BOOK}))
    assert admitted(looks, looks)


@pytest.mark.parametrize("place", ["/book", "/bookshops", "value world", "/shelves"])
def test_things_are_made_while_another_check_looks_elsewhere(place: str) -> None:
    looks = Needs(kind=OTHERS, looks=frozenset({place}))
    assert admitted(MAKES, looks)
    assert admitted(looks, MAKES)


def test_same_thing_is_made_by_one_check_only() -> None:
    both = Needs(kind=OTHERS, makes=MAKES.makes, first=frozenset({BOOK}))
    assert not admitted(both, both)
