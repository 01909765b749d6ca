"""Contracts: JSON and YAML of any kind, and valid ones made wrong, are read or refused."""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from smoke.contract import Contract
from smoke.contract.diff import change_lines, drift
from smoke.errors import DataError
from smoke.plan.changes import Digests
from tests.fuzz.effort import bounded, refusable, tried
from tests.fuzz.mutations import mutated, scratched, values
from tests.unlike import FOLDER, contract_of

PLACE = r"bad(:\d+(:\d+)?|#(/.*)?): \S|… and \d+ more"
LIBRARY = (FOLDER / "library.json").read_text("utf-8")
SHOP = (FOLDER / "shop.yaml").read_text("utf-8")


def used(contract: Contract) -> Iterator[Callable[[], Any]]:
    """Use a contract in every way; only that compiles its schemas and finds their mistakes."""
    digests = Digests(contract)
    assert contract.digest.isprintable()
    assert contract.match("GET", "/a//b?c=%zz") is None or contract.security_schemes is not None
    for operation in contract.operations.values():
        assert digests.operation(operation)
        contract.match(operation.method, operation.path)
        for media in (*operation.request_bodies, None):
            request = partial(contract.request_findings, operation, {"id": 1}, {"q": [None]})
            yield partial(request, {"a": {}}, media, [{}])
        for status in (*operation.success, 404):
            answer = ("application/json", b'[{"a": 1}]')
            yield partial(contract.findings, operation, status, *answer)


def read_or_refused(text: str, like: str = "library") -> None:
    with bounded(), refusable(PLACE):
        contract = Contract.parse(text, "bad")
        for use in used(contract):
            with refusable(PLACE):
                use()
        change_lines(drift(contract_of(like), contract))
        change_lines(drift(contract, contract_of(like)))


@tried(120)
@given(mutated(contract_of("library").document))
def test_contract_made_wrong(document: Any) -> None:
    read_or_refused(json.dumps(document))


@tried(60)
@given(mutated(contract_of("shop").document))
def test_old_contract_made_wrong(document: Any) -> None:
    read_or_refused(json.dumps(document), "shop")


@tried(30)
@given(mutated(contract_of("notes").document))
def test_yaml_contract_made_wrong(document: Any) -> None:
    read_or_refused(yaml.safe_dump(document), "notes")


@tried(60)
@given(scratched(LIBRARY))
def test_text_of_json_made_wrong(text: str) -> None:
    read_or_refused(text)


@tried(60)
@given(scratched(SHOP))
def test_text_of_yaml_made_wrong(text: str) -> None:
    read_or_refused(text, "shop")


@tried(60)
@given(st.text() | values().map(json.dumps) | values().map(yaml.safe_dump))
def test_any_text(text: str) -> None:
    read_or_refused(text)


@tried(60)
@given(values())
def test_any_value_as_paths(paths: Any) -> None:
    read_or_refused(json.dumps({"openapi": "3.1.0", "paths": paths}))


@tried(40)
@given(st.binary() | st.text().map(lambda text: ("{" + text).encode("utf-16", "surrogatepass")))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "bad"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"^{re.escape(str(path))}(:|#)"):
        Contract.load(path)


@pytest.mark.parametrize("place", ["", "/dev/zero", "/dev/null", "none", "x" * 300])
def test_path_that_is_not_a_file(place: str, tmp_path: Path) -> None:
    with bounded(1), pytest.raises(DataError, match=": unreadable: "):
        Contract.load(tmp_path / place)
