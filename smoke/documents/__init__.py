"""
Readers of text files, JSON, YAML, TOML and CSV; every mistake is reported with line and column.

Any file is read in bounded time and memory, or refused with one sentence.
"""

from smoke.documents.errors import TextError, UnreadableError, visible
from smoke.documents.files import read_lines, read_text
from smoke.documents.json import parse_json
from smoke.documents.lists import parse_rows
from smoke.documents.nesting import DEEPEST, too_deep
from smoke.documents.toml import parse_toml
from smoke.documents.yaml import parse_yaml

__all__ = [
    "DEEPEST",
    "TextError",
    "UnreadableError",
    "parse_json",
    "parse_rows",
    "parse_toml",
    "parse_yaml",
    "read_lines",
    "read_text",
    "too_deep",
    "visible",
]
