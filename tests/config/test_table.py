"""The table of a project: in pyproject.toml or in smoke.toml, never in both."""

from pathlib import Path

import pytest

from smoke.config.settings import Flags, read_settings
from smoke.config.table import load_table
from smoke.errors import ConfigError, DataError

ROW = 'base_url = "https://api.example.com"\n'


def test_message_about_an_empty_directory_suggests_init(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        load_table(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: there is no smoke.toml and no pyproject.toml. Run: smoke init"
    )


def test_message_about_another_project_suggests_init(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    with pytest.raises(DataError, match=r"has no \[tool\.smoke\] table\. Run: smoke init$"):
        load_table(tmp_path)


def test_whole_of_smoke_toml_is_the_table(tmp_path: Path) -> None:
    (tmp_path / "smoke.toml").write_text(f"[targets.local]\n{ROW}")
    settings = read_settings(load_table(tmp_path), tmp_path, {}, Flags())
    assert settings.target.base_url == "https://api.example.com"


def test_smoke_toml_stands_beside_another_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    (tmp_path / "smoke.toml").write_text(f"[targets.local]\n{ROW}")
    assert list(load_table(tmp_path)) == ["targets"]


def test_two_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.smoke]\n")
    (tmp_path / "smoke.toml").write_text("")
    with pytest.raises(ConfigError, match=r"both smoke\.toml and pyproject\.toml configure smoke"):
        load_table(tmp_path)


def test_mistakes_name_the_file_and_the_table_as_it_is_written_there(tmp_path: Path) -> None:
    (tmp_path / "smoke.toml").write_text(f"tagets = 1\n[targets.local]\n{ROW}drift = 'loud'\n")
    with pytest.raises(ConfigError) as caught:
        read_settings(load_table(tmp_path), tmp_path, {}, Flags())
    unknown, value = sorted(caught.value.mistakes, reverse=True)
    assert value == "smoke.toml: [targets.local] drift is 'loud'. Allowed: off, warn, red."
    assert unknown.startswith("smoke.toml: unknown key 'tagets'. Did you mean 'targets'?")


def test_mistake_in_another_target_does_not_stop_this_one() -> None:
    rows = {"local": {"base_url": "http://x"}, "other": {"drift": "loud"}}
    assert read_settings({"targets": rows}, Path("/x"), {}, Flags()).target.name == "local"
    with pytest.raises(ConfigError, match=r"\[tool\.smoke\.targets\.other\] drift"):
        read_settings({"targets": rows}, Path("/x"), {}, Flags(target="other"))
