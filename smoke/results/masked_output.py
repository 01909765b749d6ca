"""Output that is masked as it is written, whoever writes it: a terminal and the logs."""

import io
import logging
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

    from smoke.results.secrets import Secrets

TALKATIVE = ("httpcore", "httpx")
"""Loggers that write down whole URLs and headers."""


class MaskedStream(io.TextIOBase):
    """A text stream that masks what is written to it; everything else is the real one's."""

    def __init__(self, stream: TextIO, mask: "Callable[[str], str]") -> None:
        self._stream = stream
        self._mask = mask

    def write(self, text: str) -> int:
        """Write the text, masked; returns the length that was asked for."""
        self._stream.write(self._mask(text))
        return len(text)

    def flush(self) -> None:
        """Flush the real stream."""
        self._stream.flush()

    def isatty(self) -> bool:
        """Whether the real stream is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The descriptor of the real stream."""
        return self._stream.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the real stream."""
        return self._stream.encoding


def mask_logs(secrets: "Secrets") -> "Callable[[], None]":
    """Mask every log record made from now on, whoever handles it; returns what undoes that.

    The HTTP library logs an answer's headers before anyone can know what is secret in them, and
    the record has them anyway: it is silenced below warnings.
    """
    before = logging.getLogRecordFactory()
    levels = {name: logging.getLogger(name).level for name in TALKATIVE}

    def masked(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = before(*args, **kwargs)
        record.msg, record.args = secrets.mask(record.getMessage()), ()
        return record

    def undo() -> None:
        logging.setLogRecordFactory(before)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)

    logging.setLogRecordFactory(masked)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    return undo
