"""Output that is masked as it is written: a terminal, the logs, the trace of pytest."""

import io
import logging
import re
from collections.abc import Callable
from typing import Any, TextIO

from smoke.results.secrets import Secrets

# Loggers that write down whole URLs and headers.
TALKATIVE = ("httpcore", "httpx")

# Commands that CI services execute from a log: GitHub at the start of a line, also after blanks
# (`::error`); GitHub and Azure Pipelines anywhere (`##[error]`, `##vso[`). Readers differ in what
# else begins a line, and any blank of Unicode counts.
BREAKS = r"\r\v\f\x1c-\x1e\x85\u2028\u2029"
AT_LINE_START = re.compile(rf"(?m)(^|[{BREAKS}])([^\S\n{BREAKS}]*):(?=:)")
ANYWHERE = re.compile(r"##(?=\w*\[)")

# What a line may end with so that the next piece of text makes it a command.
BEGUN = re.compile(r"##?\w{0,20}\Z|(?<!\S):\Z")

# Characters at the end of an unfinished line that are kept.
LINE_MOST = 100


def without_commands(text: str, *, before: str = "") -> str:
    """
    Return a text without commands that a CI service would execute.

    `before` is what stands on the same line already.
    """
    begun = BEGUN.search(before)
    whole = begun.group() + text if begun else ""
    if whole.startswith("::") or ANYWHERE.match(whole):
        text = f"\\{text}"
    if "##" in text:
        text = ANYWHERE.sub(r"#\#", text)
    if "::" not in text:
        return text
    # Blanks are no text yet: a command may stand behind them.
    start = "x" if before.strip() else ""
    return AT_LINE_START.sub(r"\1\2\\:", start + text).removeprefix(start)


class MaskedStream(io.TextIOBase):
    """
    A text stream that masks its text and passes it to the real stream.

    It also disables CI commands in the text: a service must not control the pipeline.
    """

    def __init__(self, stream: TextIO, mask: Callable[[str], str]) -> None:
        self._stream = stream
        self._mask = mask
        self._line = ""

    def write(self, text: str) -> int:
        """Write the text, masked; returns the length that was asked for."""
        shown = self._mask(text)
        shown = without_commands(shown, before=self._line)
        self._stream.write(shown)
        _, ended, last = shown.rpartition("\n")
        self._line = (last if ended else self._line + last)[-LINE_MOST:]
        return len(text)

    def command(self, line: str) -> None:
        """Write a masked line that the CI service is meant to execute."""
        self._stream.write(f"{self._mask(line)}\n")
        self._line = ""

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


def mask_logs(secrets: Secrets) -> Callable[[], None]:
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
