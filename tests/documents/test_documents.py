"""Readers of files, JSON, TOML and YAML: accepted values, and the place of each mistake."""

import os
import re
import socket
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smoke.documents import (
    DEEPEST,
    TextError,
    UnreadableError,
    parse_json,
    parse_toml,
    parse_yaml,
    read_lines,
    read_text,
    visible,
)
from smoke.documents import files as files_of

HALF_A_CHARACTER = '{"a": "\\ud800"}'
LAUGHS = "a0: &a0 {x: 1}\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
MERGED = "a0: &a0 {x: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 12)
)
CHAIN = "a0: &a0 [1]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 400))
TOO_DEEP = f"nested more than {DEEPEST} levels deep"


def problem(parse: Callable[[str], Any], text: str) -> str:
    """The message of a refused text; the refusal takes bounded time and memory."""
    begun = time.process_time()
    tracemalloc.start()
    with pytest.raises(TextError) as error:
        parse(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert time.process_time() - begun < 2
    assert peak < 50_000_000
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: not JSON: Expecting value"),
        ('{"a" 1}', "1:6: not JSON: Expecting ':' delimiter"),
        ('{\n "a": NaN}', "2:7: NaN is not a JSON number"),
        ('["NaN", -Infinity]', "1:9: -Infinity is not a JSON number"),
        ("[1,\n 1e999]", "2:2: the number 1e999 is too large"),
        ("[" + "1" * 5000 + "]", "1:2: a number of 5000 characters"),
        ('{"b": 1,\n "c": {"b": 1},\n "b": 2}',
         "3:2: 'b' appears twice in one object, first in line 1"),
        (HALF_A_CHARACTER, "1:8: \\ud800 is only half of a surrogate pair"),
        ('["\\ude00"]', "1:3: \\ude00 is only half of a surrogate pair"),
        ("[" * 100_000, f"1:{DEEPEST + 1}: {TOO_DEEP}"),
        ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), f"1:{DEEPEST + 1}: {TOO_DEEP}"),
        ('{"a":' * 100_000, f"1:{DEEPEST * 5 + 1}: {TOO_DEEP}"),
    ],
)  # fmt: skip
def test_json_is_refused_with_line_and_column(text: str, message: str) -> None:
    assert problem(parse_json, text) == message


def test_json_is_accepted_up_to_the_nesting_limit_and_with_surrogate_pairs() -> None:
    value: Any = "\U0001f600"
    for _ in range(DEEPEST):
        value = [value]
    assert parse_json("[" * DEEPEST + '"\\ud83d\\ude00"' + "]" * DEEPEST) == value
    assert parse_json('"\\\\ud800"') == "\\ud800"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", "1:2: not TOML: Expected '=' after a key in a key/value pair"),
        ("a = 1\nb = [\n", "2:6: not TOML: Invalid value"),
        ("a = 1\na = 2\n", "2:6: not TOML: Cannot overwrite a value"),
        ("a = 1\nb = " + "1" * 5000, "2:5: a number with too many digits"),
        ("a = " + "[" * 5000, f"1:{DEEPEST + 5}: {TOO_DEEP}"),
        ("a = " + "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), f"1:{DEEPEST + 5}: {TOO_DEEP}"),
        ("a = " + "{a=" * 3000, f"1:{DEEPEST * 3 + 5}: {TOO_DEEP}"),
        ("b = 1\n[" + ".".join("a" * 100_000) + "]", f"2:2: {TOO_DEEP}"),
    ],
)
def test_toml_is_refused_with_line_and_column(text: str, message: str) -> None:
    assert problem(parse_toml, text) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 'x", "1:6: neither JSON nor YAML: found unexpected end of stream"),
        ("a: |\n  x\n b: 1", "3:2: neither JSON nor YAML: did not find expected key"),
        ("a: 1\nb: \x07", "2:1: neither JSON nor YAML: control characters are not allowed"),
        ("a: 1\n---\nb: 1", "2:1: neither JSON nor YAML: but found another document"),
        ("a: 1\na: 2", "2:1: 'a' appears twice in one object"),
        ("200: 1\n'200': 2", "2:1: '200' appears twice in one object"),
        ("? [a]\n: b", "1:3: a name must be a text, not an object or a list"),
        ("x: &x [1]\n*x : 1", "1:4: a name must be a text, not an object or a list"),
        ("a: &a [*a]", "1:4: an anchor contains itself"),
        ("a: *b", "1:4: neither JSON nor YAML: found undefined alias"),
        ("a: !!binary abc", "1:4: the tag 'tag:yaml.org,2002:binary' has no meaning in JSON"),
        ("a:\n  !!python/object/apply:os.system [ls]",
         "2:3: the tag 'tag:yaml.org,2002:python/object/apply:os.system' has no meaning in JSON"),
        ("a: !Ref b", "1:4: the tag '!Ref' has no meaning in JSON"),
        ("a: !!int x", "1:4: 'x' is not a valid int"),
        ("a: !!bool x", "1:4: 'x' is not a valid bool"),
        ("a: !!float 1e999", "1:4: '1e999' is not a valid float"),
        ("a: !!int " + "9" * 5000, f"1:4: '{'9' * 40}' is not a valid int"),
        ("<<: 5", "1:5: '<<' merges objects only"),
        ("a: " + "[" * 900, f"1:{DEEPEST + 3}: {TOO_DEEP}"),
        ("- " * 3000 + "x", f"1:{DEEPEST * 2 + 1}: {TOO_DEEP}"),
        (CHAIN, f"1:1: {TOO_DEEP}"),
        (LAUGHS, "7:5: its anchors expand to too many values"),
        (MERGED, "7:14: its anchors expand to too many values"),
    ],
)  # fmt: skip
def test_yaml_is_refused_with_line_and_column(text: str, message: str) -> None:
    assert problem(parse_yaml, text) == message


def test_yaml_too_deep_for_libyaml_gets_the_usual_message() -> None:
    """The column depends on the version of libyaml, which stops at a limit of its own."""
    assert re.fullmatch(rf"1:\d+: {TOO_DEEP}", problem(parse_yaml, "a: " + "[" * 20_000))


def test_yaml_gives_json_values_and_text_names() -> None:
    text = """\
no: [no, 2024-01-01, 12:30:45, .inf, 1_0, =, "1", '1', !!str 7, !!str 5]
true: [true, False, ~, null, "", 010, 0x10, 0o17, +5, -5, .5, 5., 1e3, -1.5E-2]
200: ok
~: &anchor {a: 1, b: [2]}
merged: {<<: *anchor, a: 3}
twice: {<<: [{a: 1}, {a: 2, c: 4}]}
keyed: {&k name: 1, other: {*k : 2}}
again: *anchor
empty:
"""
    assert parse_yaml(text) == {
        "no": ["no", "2024-01-01", "12:30:45", ".inf", "1_0", "=", "1", "1", "7", "5"],
        "true": [True, False, None, None, "", 10, 16, 15, 5, -5, 0.5, 5.0, 1000.0, -0.015],
        "200": "ok",
        "~": {"a": 1, "b": [2]},
        "merged": {"a": 3, "b": [2]},
        "twice": {"a": 1, "c": 4},
        "keyed": {"name": 1, "other": {"name": 2}},
        "again": {"a": 1, "b": [2]},
        "empty": None,
    }
    assert parse_yaml("") is None
    assert parse_yaml("[1e999, " + "9" * 5000 + "]") == ["1e999", "9" * 5000]


def reason(path: Path | str) -> str:
    with pytest.raises(UnreadableError) as error:
        read_text(path)
    return error.value.reason


def test_anything_but_a_regular_file_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)  # a socket name has at most some 100 characters
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        assert reason("socket") == "it is a socket, not a regular file"
    assert reason(tmp_path / "pipe") == "it is a pipe, not a regular file"
    assert reason(tmp_path) == "it is a directory, not a regular file"
    assert reason("/dev/zero") == "it is a device, not a regular file"
    assert reason(tmp_path / "none") == "No such file or directory"
    assert reason("a\0b") == "a file cannot have this name"
    assert reason("x" * 5000) == "File name too long"


def test_file_must_be_utf_8_with_an_optional_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"\xef\xbb\xbf{}")
    assert read_text(path) == "{}"
    path.write_bytes(b"a\nb\xff")
    assert reason(path) == "it is not UTF-8 text (line 2)"
    for encoding in ("utf-16", "utf-16-le", "utf-32"):
        path.write_bytes('{"ä": 1}'.encode(encoding))
        assert reason(path) == "it is UTF-16 or UTF-32; save it as UTF-8"
    path.write_bytes("a\nö".encode()[:-1])
    assert read_lines(path) == ["a", "\ufffd"]


def test_file_is_read_up_to_the_size_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_of, "MOST_BYTES", 2_000_000)
    path = tmp_path / "x"
    path.write_bytes(b" " * 2_000_000)
    assert len(read_text(path)) == 2_000_000
    path.write_bytes(b" " * 2_000_001)
    assert reason(path) == "it is larger than 2 MB"


def test_control_characters_are_escaped_for_terminals() -> None:
    assert visible("a\x1b[2J\u202eb\nö \udc80") == "a\\x1b[2J\\u202eb\\nö \\udc80"
