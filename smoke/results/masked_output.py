"""Output that is masked as it is written: a terminal, the logs, the trace of pytest."""

import io
import logging
import re
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

    from smoke.results.secrets import Secrets

# Loggers that write down whole URLs and headers.
TALKATIVE = ("httpcore", "httpx")

# Commands that CI services execute from a log: GitHub at the start of a line, also after blanks
# (`::error`); GitHub and Azure Pipelines anywhere (`##[error]`, `##vso[`).
AT_LINE_START = re.compile(r"(?m)^([ \t]*)::")
ANYWHERE = re.compile(r"##(?=\w*\[)")


def without_commands(text: str, *, at_line_start: bool = True) -> str:
    """Return a text without commands that a CI service would execute."""
    if "##" in text:
        text = ANYWHERE.sub(r"#\#", text)
    if "::" not in text:
        return text
    first, end, rest = ("", "", text) if at_line_start else text.partition("\n")
    return first + end + AT_LINE_START.sub(r"\1\\::", rest)


class MaskedStream(io.TextIOBase):
    """
    A text stream that masks its text and passes it to the real stream.

    It also disables CI commands in the text: a service must not control the pipeline.
    """

    def __init__(self, stream: TextIO, mask: "Callable[[str], str]") -> None:
        self._stream = stream
        self._mask = mask
        self._at_line_start = True

    def write(self, text: str) -> int:
        """Write the text, masked; returns the length that was asked for."""
        shown = self._mask(text)
        self._stream.write(without_commands(shown, at_line_start=self._at_line_start))
        if text:
            # Blanks are no text yet: a command may stand behind them.
            line = text.rpartition("\n")
            self._at_line_start = not line[2].strip() and (bool(line[1]) or self._at_line_start)
        return len(text)

    def command(self, line: str) -> None:
        """Write a masked line that the CI service is meant to execute."""
        self._stream.write(f"{self._mask(line)}\n")
        self._at_line_start = True

    def flush(self) -> None:
        """Flush the real stream."""
        self._stream.flush()

    def isatty(self) -> bool:
        """Return whether the real stream is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Return the descriptor of the real stream."""
        return self._stream.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the real stream."""
        return self._stream.encoding


def mask_logs(secrets: "Secrets") -> "Callable[[], None]":
    """
    Mask every new log record for all handlers; return a function that undoes this.

    The HTTP library logs the headers of an answer before the run has found the secrets in them.
    The record has these headers anyway, so the library's messages below warnings are dropped.
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
