"""The headers of one message: read as a mapping, kept as they came."""

from collections.abc import Iterable, Iterator, Mapping

# The one field whose lines must not be folded into one (RFC 6265 §3).
SEPARATE = "set-cookie"


class Headers(Mapping[str, str]):
    """
    Header fields by name, in lower case; `pairs` has every line in its order.

    A field that came more than once reads as its values joined by commas (RFC 9110 §5.2), but for
    `Set-Cookie`, which reads as its first line: `all` gives each of them.
    """

    def __init__(self, lines: "Iterable[tuple[str, str]] | Mapping[str, str]" = ()) -> None:
        found = lines.items() if isinstance(lines, Mapping) else lines
        self.pairs = tuple((name.lower(), value) for name, value in found)
        self._joined: dict[str, str] = {}
        for name, value in self.pairs:
            before = self._joined.get(name)
            if before is None:
                self._joined[name] = value
            elif name != SEPARATE:
                self._joined[name] = f"{before}, {value}"

    def __getitem__(self, name: str) -> str:
        """Return the value of a field, whatever the case of its name."""
        return self._joined[name.lower()]

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(self._joined)

    def __len__(self) -> int:
        """Return how many names there are."""
        return len(self._joined)

    def all(self, name: str) -> tuple[str, ...]:
        """Return every line of a field."""
        return tuple(value for key, value in self.pairs if key == name.lower())


def pairs_of(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the lines of headers of any kind."""
    return headers.pairs if isinstance(headers, Headers) else tuple(headers.items())
