"""The page of a fleet: surfaces across, targets down; it loads nothing and trusts nothing."""

from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from smoke.fleet.merge.merger import Answer, Merged, names_of
from smoke.report.columns import many
from smoke.report.html.frame import foot, head
from smoke.report.html.verdicts import SIGNS
from smoke.results.verdict import Word

if TYPE_CHECKING:
    from array import array


HERE = Path(__file__).parent

# The columns before those of the surfaces.
FIXED = ("target", "verdict", "version", "why")


def page(merged: Merged, pages: Mapping[str, str]) -> Iterator[str]:
    """The page in pieces: a head, the filters, and the grid with a row for each target."""
    yield from _head(merged)
    yield from _tools(merged)
    yield '<div class="scroll"><table id="grid"><thead><tr>'
    for name in FIXED:
        yield f'<th scope="col" class="{name}"><button type="button">{name}</button></th>'
    for name in merged.surfaces:
        label = escape(name or "no tag")
        yield f'<th scope="col" class="surface"><button type="button">{label}</button></th>'
    yield "</tr></thead><tbody>\n"
    for answer in merged.answers:
        yield _row(answer, len(merged.surfaces), pages)
    yield '</tbody></table></div>\n<p id="none" hidden>No target matches.</p>\n'
    yield from _strays(merged)
    yield f"</main>\n{foot(HERE)}"


def _head(merged: Merged) -> Iterator[str]:
    """The title, and the verdict with its reason."""
    word = merged.worst.word
    yield head(f"{SIGNS[word]} {word} · fleet of {len(merged.answers)} · smoke", HERE)
    yield "<body><main>\n"
    cause = merged.worst.cause if word is not Word.GREEN else ""
    because = f" <small>({escape(cause)})</small>" if cause else ""
    yield f'<header class="{word}"><h1>{SIGNS[word]} {str(word).upper()}{because}</h1>'
    yield f"<p>{escape(merged.reason)}</p>" if merged.reason else ""
    missing = [answer for answer in merged.answers if answer.last is None]
    if missing:
        yield f"<p>No record came back from {escape(names_of(missing))}.</p>"
    yield f'<p class="soft">{len(merged.answers)} targets · run {escape(merged.run)}</p></header>\n'


def _tools(merged: Merged) -> Iterator[str]:
    """The filter, a chip for each verdict, and the choice of a grouping."""
    yield '<div class="tools"><input id="filter" type="search" autocomplete="off" '
    yield 'aria-label="filter targets" placeholder="Filter: name, tag, version, reason ( / )">'
    for word, count in merged.counts.items():
        if count:
            yield f'<button type="button" class="chip" aria-pressed="false" data-word="{word}">'
            yield f"{word} {count}</button>"
    # Targets are grouped by `owner` of `owner:payments`; a plain tag stands for itself.
    keys = sorted(
        {tag.partition(":")[0] for answer in merged.answers for tag in answer.expected.tags}
    )
    yield '<label>Group by <select id="group"><option value="">nothing</option>'
    for name in ("verdict", "cause", "version", *(f"tag {key}" for key in keys)):
        yield f"<option>{escape(name)}</option>"
    yield '</select></label><span id="count" role="status"></span></div>\n'


def _row(answer: Answer, surfaces: int, pages: Mapping[str, str]) -> str:
    name, last, word = answer.expected.name, answer.last, answer.word
    label = escape(name)
    if name in pages:
        label = f'<a href="{escape(pages[name])}">{label}</a>'
    elif last and last.url.startswith(("http://", "https://")):
        label = f'<span title="{escape(last.url)}">{label}</span>'
    version = last.version if last else ""
    shown = word if last else "missing"
    data = f'data-word="{shown}" data-cause="{escape(answer.cause)}"'
    tags = "|".join(answer.expected.tags)
    return (
        f'<tr {data} data-version="{escape(version)}" data-tags="{escape(tags)}">'
        f'<th scope="row">{label}</th><td class="{word}">{SIGNS[word]} {shown}</td>'
        f"<td>{escape(version)}</td><td>{escape(answer.reason)}</td>"
        f"{_cells(last.cells if last else None, surfaces)}</tr>\n"
    )


def _cells(numbers: "array[int] | None", surfaces: int) -> str:
    """A cell for each surface: how many of its operations succeeded, and whether some broke."""
    cells = ["<td></td>"] * surfaces
    for at in range(0, len(numbers or ()), 4):
        assert numbers is not None  # noqa: S101
        surface, good, bad, total = numbers[at : at + 4]
        look = "bad" if bad else "ok" if good == total else "part"
        cells[surface] = f'<td class="{look}">{good}/{total}</td>'
    return "".join(cells)


def _strays(merged: Merged) -> Iterator[str]:
    if merged.stray_count:
        lines = "".join(f"<li>{escape(line)}</li>" for line in merged.strays)
        yield f"<h2>Not counted: {many(merged.stray_count, 'record')}</h2><ul>{lines}</ul>\n"
