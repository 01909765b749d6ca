"""What checks created and forgot: by the ids in the paths of creations and removals."""

from smoke.results.created import Creations


def made() -> Creations:
    found = Creations()
    found.creates("books.a", "POST /shelves/{shelf_id}/books", "/v2/shelves/s1/books", 7)
    found.creates("books.b", "POST /books", "/v2/books", "b 8")
    return found


def forgotten(found: Creations) -> list[str]:
    return [thing.path for thing in found.forgotten()]


def test_thing_without_a_removal_is_forgotten() -> None:
    assert forgotten(made()) == ["/v2/shelves/s1/books/7", "/v2/books/b%208"]


def test_removal_below_another_path_counts_by_the_id() -> None:
    found = made()
    found.removes("POST /archive/{book_id}/close", "/v2/archive/7/close")
    assert forgotten(found) == ["/v2/books/b%208"]


def test_thing_goes_away_with_its_parent() -> None:
    found = made()
    found.removes("DELETE /shelves/{shelf_id}", "/v2/shelves/s1")
    assert forgotten(found) == ["/v2/books/b%208"]


def test_words_of_the_path_are_not_ids() -> None:
    found = made()
    found.removes("DELETE /films/{id}", "/v2/films/books")
    assert len(forgotten(found)) == 2


def test_last_thing_of_a_check_may_be_declared_to_stay() -> None:
    found = made()
    found.stays("books.b")
    found.stays("films.never_ran")
    assert forgotten(found) == ["/v2/shelves/s1/books/7"]
