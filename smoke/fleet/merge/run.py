"""Merging: record after record, then the files; full pages only of targets that are not green."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from smoke.errors import DataError
from smoke.fleet.expectation import Fleet, folder_name
from smoke.fleet.merge.digest import unpacked
from smoke.fleet.merge.files import write_files
from smoke.fleet.merge.merger import Merged, Merger, merged, pieces
from smoke.report.columns import many
from smoke.results.verdict import Word

# The directory of the pages of single targets, beside the page of the fleet.
PAGES = "pages"

# Targets that a terminal lists.
SHOWN = 30


@dataclass(frozen=True)
class Wanted:
    """The output of a merge: the directory, the maximum of full pages, and the run to count."""

    folder: Path
    most_pages: int = 50
    run: str = ""


def merge(
    fleet: Fleet, words: Sequence[str], wanted: Wanted, progress: Callable[[], None]
) -> tuple[Merged, Path]:
    """
    Read every record that the words lead to and write the fleet's files; returns the page's path.

    Raises:
        ConfigError: a word leads nowhere.
    """
    merger = Merger(fleet, wanted.run)
    made: dict[str, str] = {}
    for piece in pieces(words):
        progress()
        kept = merger.take(piece)
        if kept and kept.word != Word.GREEN and len(made) < wanted.most_pages:
            name = f"{PAGES}/{folder_name(kept.target, kept.unit, kept.attempt)}.html"
            if _write_page(wanted.folder / name, piece.place, piece.content):
                made[kept.target] = name
    answer = merged(merger)
    return answer, write_files(answer, wanted.folder, made)


def _write_page(path: Path, place: str, content: bytes) -> bool:
    """Write the full page of a record; a record that is too damaged for one has none."""
    from smoke.report.har import har
    from smoke.report.html import html
    from smoke.results.record_reader import gather

    try:
        text = b"".join(unpacked(content)).decode("utf-8", "replace")
        record = gather(place, text)
    except (DataError, OSError, EOFError):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(html([record], [list(har(record))], {}))
    return True


def screen(answer: Merged, page: Path) -> list[str]:
    """The end of a merge at a terminal: targets that are not green, counts, the verdict last."""
    # A green target with a remark, such as a second attempt, is worth a look, too.
    bad = [one for one in answer.answers if one.word is not Word.GREEN or one.remark]
    lines = []
    for one in bad[:SHOWN]:
        word = str(one.word).upper() if one.last else "MISSING"
        lines.append(f"{word:<10} {one.expected.name}  {one.reason.partition(chr(10))[0]}"[:200])
    if len(bad) > SHOWN:
        lines.append(f"and {len(bad) - SHOWN} more")
    if answer.stray_count:
        lines.append(f"not counted: {many(answer.stray_count, 'record')}")
        lines += [f"  {line}" for line in answer.strays[:5]]
    summary = ", ".join(f"{count} {name}" for name, count in answer.counts.items() if count)
    worst = answer.worst
    cause = f" ({worst.cause})" if worst.cause and worst.word is not Word.GREEN else ""
    lines += [
        f"report    {page}",
        "",
        f"{str(worst.word).upper()}{cause}  {len(answer.answers)} targets: {summary}",
    ]
    return [*lines, f"exit code {int(worst.exit)}"]
