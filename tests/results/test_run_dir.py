"""Two runs at the same time do not write into one folder."""

from pathlib import Path

from smoke.results.run_dir import Folder


def test_folder_is_taken_once_and_free_again_later(tmp_path: Path) -> None:
    first, second = Folder(tmp_path, "local"), Folder(tmp_path, "local")
    assert (first.path, second.path) == (tmp_path / "local", tmp_path / "local-2")
    first.release()
    third = Folder(tmp_path, "local")
    assert third.path == tmp_path / "local"
    second.release()
    third.release()
