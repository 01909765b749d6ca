"""The expectation list: which targets a fleet has, and how its run is cut up."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smoke.cli.main import main
from smoke.fleet.expectation import load
from smoke.fleet.planning import Cut, plan_fleet

if TYPE_CHECKING:
    from smoke.fleet.expectation import Fleet

TABLE = """\
[tool.smoke]

[tool.smoke.targets.local]
serve = "a.module"

[tool.smoke.targets."{region}-shop"]
base_url = "https://{region}.example.com/{plan}"
tags = ["prod", "region:{region}"]
trace_url = "https://traces.example.com/{trace_id}"
deadline_s = 60
each = [{ region = "eu", plan = "a" }, { region = "us", plan = "b" }]

[tool.smoke.targets.extra]
base_url = "https://extra.example.org"
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text(TABLE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def planned(root: Path, *words: str) -> "Fleet":
    """Plan as a person does, and read the list back."""
    assert main(["fleet", "plan", *words, "--root", str(root)]) == 0
    return load(root / "fleet.json")


def names(found: "Fleet") -> list[str]:
    return [target.name for target in found.targets]


def test_without_words_it_is_every_deployment(root: Path) -> None:
    found = planned(root)
    assert names(found) == ["eu-shop", "us-shop", "extra"]
    first = found.targets[0]
    assert (first.host, first.tags) == ("eu.example.com", ("prod", "region:eu"))
    assert (first.unit_s, found.targets[2].unit_s) == (200.0, 320.0)
    assert first.row == {}


def test_words_name_targets_and_tags_each_once(root: Path) -> None:
    assert names(planned(root, "us-shop", "@prod")) == ["us-shop", "eu-shop"]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("list.csv", "name, base_url, owner, deadline_s\nx, https://x.example.com, pay, 5\n"),
        ("list.json", '[{"name": "x", "base_url": "https://x.example.com", "owner": "pay",'
                      ' "deadline_s": 5}]'),
        ("list.yaml", "- name: x\n  base_url: https://x.example.com\n  owner: pay\n"
                      "  deadline_s: 5\n"),
    ],
)  # fmt: skip
def test_list_has_rows_and_other_columns_become_tags(file: str, text: str, root: Path) -> None:
    (root / file).write_text(text, encoding="utf-8")
    (target,) = planned(root, file).targets
    assert (target.name, target.host, target.unit_s) == ("x", "x.example.com", 90.0)
    assert target.tags == ("owner:pay",)
    expected = {"base_url": "https://x.example.com", "tags": ["owner:pay"], "deadline_s": 5}
    assert target.row == expected


def test_list_is_read_from_standard_input(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("extra\n@prod\n"))
    assert names(planned(root, "-")) == ["extra", "eu-shop", "us-shop"]


def test_shards_and_limits_cut_a_run_up(root: Path) -> None:
    found = planned(root, "--shard", "2", "--limit", "host=1", "--limit", "region=3")
    assert ([target.shard for target in found.targets], found.shards) == ([0, 0, 1], 2)
    assert found.shard_s(0) == 400.0
    groups = [target.groups(found.limits) for target in found.targets]
    assert groups[0] == [("host", "eu.example.com"), ("region", "eu")]
    assert groups[2] == [("host", "extra.example.org")]


def test_jobs_of_an_engine_are_never_more_than_it_allows() -> None:
    rows = {f"t{n}": {"base_url": f"https://t{n}.example.com"} for n in range(300)}
    found = plan_fleet((), {"targets": rows}, Cut(jobs=256))
    assert found.shards == 150


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["@prd"], "Did you mean '@prod'?"),
        (["unknown"], "There is no target 'unknown'."),
        (["nowhere.csv"], "nowhere.csv: cannot be read"),
        (["twice.csv"], "The target 'x' is listed twice."),
        (["short.csv"], "short.csv:2:1: the row has more or fewer fields than the header."),
        (["nameless.csv"], "nameless.csv:1:1: row 1 has no name."),
        (["secret.csv"], "user_password is a secret"),
        (["--limit", "host"], "invalid limit 'host'. Allowed: KEY=NUMBER"),
        (["--shard", "0"], "0 is not in the range x>=1."),
    ],
)
def test_mistakes_are_reported_with_their_place(
    words: list[str], says: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "twice.csv").write_text("name,base_url\nx,http://x\nx,http://x\n")
    (root / "short.csv").write_text("name,base_url\nx\n")
    (root / "nameless.csv").write_text("base_url,tags\nhttp://x,a\n")
    (root / "secret.csv").write_text("name,user_password\nx,y\n")
    assert main(["fleet", "plan", *words, "--root", str(root)]) == 4
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[]", "#:"),
        ("{", "fleet.json:1:2: not JSON"),
        ('{"schema": 2}', '#: "id" is a required property.'),
        (None, "Run: smoke fleet plan"),
    ],
)
def test_list_that_is_wrong_is_refused(
    text: str | None, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if text is not None:
        (tmp_path / "fleet.json").write_text(text)
    words = ["fleet", "merge", str(tmp_path / "fleet.json"), str(tmp_path), "--out", str(tmp_path)]
    assert main(words) == 4
    assert says in capsys.readouterr().err


def test_list_reads_back_as_it_was_written(root: Path) -> None:
    (root / "list.csv").write_text("name,base_url\nx,https://x.example.com\n")
    found = planned(root, "list.csv", "--at-once", "3", "--limit", "host=2")
    assert load(root / "fleet.json") == found
    assert found.text() == (root / "fleet.json").read_text(encoding="utf-8")


TWICE = '[tool.smoke.targets."t-{a}"]\nbase_url = "http://x"\neach = [{ a = 1 }, { a = 1 }]\n'
OPEN = '[tool.smoke.targets."t-{b}"]\nbase_url = "http://x"\neach = [{ a = 1 }]\n'
FILE = '[tool.smoke.targets."t-{b}"]\nbase_url = "http://x"\neach = "none.csv"\n'
KIND = '[tool.smoke.targets."t-{b}"]\nbase_url = "http://x"\neach = 3\n'


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (TWICE, "makes the target 't-1' twice."),
        (OPEN, "has no value for {b} in each: a."),
        (FILE, "each names none.csv, which cannot be read: No such file or directory."),
        (KIND, "each is invalid. Allowed: a list of tables, or the name of a list's file."),
    ],
)
def test_template_that_cannot_be_filled_is_refused(
    row: str, says: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "pyproject.toml").write_text(f"[tool.smoke]\n{row}", encoding="utf-8")
    assert main(["fleet", "plan", "--root", str(root)]) == 4
    assert says in capsys.readouterr().err


def test_template_is_filled_for_every_command(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gates", "--target", "ap-shop", "--root", str(root)]) == 4
    assert "Targets: local, eu-shop, us-shop, extra." in capsys.readouterr().err
