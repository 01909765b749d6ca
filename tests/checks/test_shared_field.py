"""A write beside another run: what the other puts back is not taken for a lost write."""

import json
from typing import Any

import pytest

from smoke.checks.shared_field import SharedField
from smoke.results.expectations import Answer, Mismatch
from tests.results.records import begun, sent


class Shared:
    """A name that others may write too, right behind us; each write has its number."""

    def __init__(self, others: int = 0, *, loses: bool = False) -> None:
        self.run = begun(None)
        self.others = others
        self.loses = loses
        self.row: dict[str, Any] = {"name": "Smoke", "write": 0}
        self.tries = 0

    async def read(self) -> Answer:
        return Answer(sent(self.run, body=json.dumps(self.row).encode()), self.run)

    async def write(self, name: str) -> None:
        self.tries += 1
        if not self.loses:
            self.row = {"name": name, "write": self.row["write"] + 1}
        if self.others:
            self.others -= 1
            self.row = {"name": "Smoke", "write": self.row["write"] + 1}


@pytest.mark.parametrize("others", [0, 1, 9])
async def test_write_is_tried_again_where_another_run_put_back_the_name(others: int) -> None:
    shared = Shared(others)
    answer = await SharedField(shared.read, "/name").write("Smoke 7", shared.write)
    assert answer.json["name"] == "Smoke 7"
    assert shared.tries == others + 1


async def test_lost_write_is_reported_at_once() -> None:
    shared = Shared(loses=True)
    with pytest.raises(Mismatch, match="Smoke 7"):
        await SharedField(shared.read, "/name").write("Smoke 7", shared.write)
    assert shared.tries == 1
