"""Which requests a failure needs to be reproduced, and what is left of their subjects."""

from pathlib import Path

from smoke.report.ending import ROWS, ending
from smoke.results.record import Record
from smoke.results.record_reader import read
from tests.results.records import GONE, MAKE, READ, begun, ended, failed, sent


def lost_write(
    folder: Path, status: int = 200, write: int = 200, *, kept: bool = False, title: str = "new"
) -> Record:
    """A run in which a changed title is not read back; the book is removed at the end."""
    path = folder / "run.jsonl"
    header = {"kept_until": "2026-12-01T03:10:00+00:00"} if kept else {}
    run = begun(path, tokens={"owner": "smoke token owner --target local"}, **header)
    run.current = "books.keep"
    sent(run, "PATCH /books/{book_id}", write, request_body=b'{"title": "%s"}' % title.encode())
    failed(run, "books.keep", READ, status)
    if not kept:
        run.took_away(GONE, "/books/7", "owner")
    ended(run)
    return read(path)


def lines(record: Record) -> list[str]:
    return [line for line, _ in ending(record, "")]


TOKEN = '-H "$(smoke token owner --target local)"'


def test_lost_write_is_reproduced_by_two_requests(tmp_path: Path) -> None:
    shown = [line for line in lines(lost_write(tmp_path)) if line.startswith("curl ")]
    address = "http://127.0.0.1:8000/books/7"
    assert shown == [
        f'curl -sS -i -m 10 -X PATCH {address} {TOKEN} --data-raw \'{{"title": "new"}}\'',
        f"curl -sS -i -m 10 {address} {TOKEN}",
    ]


def test_read_that_breaks_needs_no_write(tmp_path: Path) -> None:
    shown = [line for line in lines(lost_write(tmp_path, 500)) if line.startswith("curl ")]
    assert len(shown) == 1


def test_refused_write_is_not_a_lost_one(tmp_path: Path) -> None:
    shown = [line for line in lines(lost_write(tmp_path, 200, 403)) if line.startswith("curl ")]
    assert len(shown) == 1


def test_thing_that_the_run_has_removed_is_named(tmp_path: Path) -> None:
    (gone,) = [line for line in lines(lost_write(tmp_path)) if line.startswith("gone ")]
    assert gone == (
        "gone      /books/7: the run removed it at its end. --keep leaves it for an hour."
    )


def test_kept_world_shows_until_when(tmp_path: Path) -> None:
    shown = lines(lost_write(tmp_path, kept=True))
    assert [line for line in shown if line.startswith("gone ")] == []
    assert (
        "kept      until 2026-12-01 03:10 UTC; then `smoke sweep --target local` removes it"
        in " ".join(" ".join(shown).split()).replace("kept ", "kept      ")
    )


def test_thing_beside_a_removed_one_is_not_gone(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    run = begun(path)
    failed(run, "books.list", MAKE, 500)
    run.took_away(GONE, "/books/7", "owner")
    ended(run)
    assert [line for line in lines(read(path)) if line.startswith("gone ")] == []


def test_seeded_thing_is_known_by_the_id_of_the_run(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    run = begun(path)
    url = f"http://127.0.0.1:8000/books/smoke-{run.id}-main"
    failed(run, "books.title", READ, 200, url=url)
    run.took_away(GONE, "/books/0519d5c7", "owner")
    ended(run)
    (gone,) = [line for line in lines(read(path)) if line.startswith("gone ")]
    assert f"/books/smoke-{run.id}-main: the run removed it" in gone


def test_line_that_fills_the_screen_goes_above_the_verdict(tmp_path: Path) -> None:
    shown = lines(lost_write(tmp_path, title="long " * 400))
    verdict = next(number for number, line in enumerate(shown) if line.startswith("RED "))
    assert [line[:8] for line in shown[:verdict]] == ["curl -sS"]
    assert "curl      above the verdict: its line is long" in shown[verdict:]
    assert sum(-(-len(line) // 80) for line in shown[verdict:]) <= ROWS
