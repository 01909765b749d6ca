"""
Readers of text files, JSON, YAML, TOML and CSV; every mistake is reported with line and column.

Any file is read in bounded time and memory, or refused with one sentence.
"""

from smoke.documents.files import TextError, UnreadableError, read_lines, read_text, visible
from smoke.documents.json import DEEPEST, object_of, parse_json, plain_json, too_deep
from smoke.documents.lists import parse_rows
from smoke.documents.toml import parse_toml
from smoke.documents.yaml import parse_yaml

__all__ = [
    "DEEPEST",
    "TextError",
    "UnreadableError",
    "object_of",
    "parse_json",
    "parse_rows",
    "parse_toml",
    "parse_yaml",
    "plain_json",
    "read_lines",
    "read_text",
    "too_deep",
    "visible",
]
