"""What a run did not make it does not touch, though every gate is open and every operation sent."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.foreign import Store, plant
from tests.smoking import project, reference, smoke_run

ENOUGH = 200
"""Rows of others that must at least be there, for the run to miss."""


OWN = ("smoke", "smoke-outside")
"""The tenants of a run: others have things in them, too."""


def test_no_row_of_others_is_touched(tmp_path: Path) -> None:
    store = Store.within(tmp_path)
    with reference(*store.arguments) as url:
        plant(url, *OWN, "somebody")
        before = store.digests()
        root = project(tmp_path, f'base_url = "{url}"\ngates = {{ "*" = "on" }}')
        only = ("-k", "test_operation", "--all-operations", "--maxfail=0")
        run = smoke_run(tmp_path / "records", *only, root=root)
        after = store.digests()
        seeded = store.tenants(*OWN)
    assert run.code == 0, run.out
    assert len([row for row in run.record("exchange") if row["method"] == "DELETE"]) > 10
    planted = set(before) - seeded
    assert len(planted) >= ENOUGH
    assert {key for key in planted if after.get(key) != before[key]} == set()
    assert len(set(after) - set(before)) > 0


def test_a_touched_row_is_seen(tmp_path: Path) -> None:
    store = Store.within(tmp_path)
    with closing(sqlite3.connect(store.database)) as database, database:
        database.execute("CREATE TABLE things (id TEXT PRIMARY KEY, name TEXT)")
        database.executemany("INSERT INTO things VALUES (?, ?)", [("a", "one"), ("b", "two")])
    store.objects.mkdir()
    (store.objects / "kept").write_bytes(b"bytes")
    before = store.digests()
    with closing(sqlite3.connect(store.database)) as database, database:
        database.execute("UPDATE things SET name = 'another' WHERE id = 'a'")
        database.execute("DELETE FROM things WHERE id = 'b'")
    (store.objects / "kept").write_bytes(b"other")
    after = store.digests()
    assert len(before) == 3
    assert [key for key in before if after.get(key) == before[key]] == []
