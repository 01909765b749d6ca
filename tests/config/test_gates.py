"""Gates: one row, one flag, three states; every mistake is reported with the allowed values."""

from pathlib import Path
from typing import Any

import pytest

from smoke.config.gates import Gate, Gates, State, must_cover, read_gates
from smoke.config.settings import Flags, read_settings
from smoke.errors import ConfigError

TABLE: dict[str, Any] = {
    "billing": {"covers": ["tag:billing"], "shut": "needs a payment provider"},
    "ai": {"covers": ["POST /chat*", "tag:ai"], "needs": ["MODEL_KEY"]},
}


def read(
    states: dict[str, Any] | None = None,
    environ: dict[str, str] | None = None,
    flags: tuple[str, ...] = (),
    table: dict[str, Any] | None = None,
) -> tuple[Gates, list[str]]:
    mistakes: list[str] = []
    gates = read_gates(table or TABLE, states or {}, environ or {}, flags, mistakes)
    return gates, mistakes


def gate(gates: Gates, name: str) -> Gate:
    found = gates.get(name)
    assert found is not None
    return found


def test_gate_is_off_by_default() -> None:
    gates, mistakes = read()
    assert [(row.name, row.state, row.source) for row in gates] == [
        ("billing", State.OFF, "default"),
        ("ai", State.OFF, "default"),
    ]
    assert mistakes == []


def test_flag_wins_over_environment_and_environment_over_file() -> None:
    states = {"billing": "absent"}
    environ = {"SMOKE_ENABLE_BILLING": "1"}
    assert gate(read(states)[0], "billing").state is State.ABSENT
    opened = gate(read(states, environ)[0], "billing")
    assert (opened.state, opened.source) == (State.ON, "SMOKE_ENABLE_BILLING")
    shut = gate(read(states, environ, ("billing=off",))[0], "billing")
    assert (shut.state, shut.source) == (State.OFF, "--gate")


@pytest.mark.parametrize(
    ("word", "state"),
    [("1", State.ON), ("true", State.ON), ("0", State.OFF), ("FALSE", State.OFF)]
    + [(state.value, state) for state in State],
)
def test_words_of_a_state(word: str, state: State) -> None:
    gates, mistakes = read(environ={"SMOKE_ENABLE_BILLING": word})
    assert gate(gates, "billing").state is state
    assert mistakes == []


def test_star_opens_every_gate() -> None:
    gates, _ = read({"*": "on", "billing": "off"}, {"MODEL_KEY": "k"})
    assert [row.state for row in gates] == [State.OFF, State.ON]


def test_unknown_gates_are_all_reported_with_the_nearest_name() -> None:
    _, mistakes = read({"bilings": "on"}, {"SMOKE_ENABLE_BILING": "1"}, ("chat",))
    assert mistakes == [
        "gates.bilings of the target names an unknown gate 'bilings'. Gates: billing, ai. "
        "Did you mean 'billing'?",
        "SMOKE_ENABLE_BILING names an unknown gate 'biling'. Gates: billing, ai. "
        "Did you mean 'billing'?",
        "--gate chat names an unknown gate 'chat'. Gates: billing, ai.",
    ]


def test_unknown_state_is_reported() -> None:
    _, mistakes = read(environ={"SMOKE_ENABLE_AI": "maybe"})
    assert mistakes == ["SMOKE_ENABLE_AI is 'maybe'. Allowed: on (1), off (0), absent."]


def test_open_gate_requires_its_variables() -> None:
    _, mistakes = read(flags=("ai",))
    assert mistakes == [
        "Gate 'ai' is on (--gate) but MODEL_KEY is not set. "
        "Set it, or shut the gate with SMOKE_ENABLE_AI=0."
    ]
    assert read(environ={"MODEL_KEY": "k"}, flags=("ai",))[1] == []


def refused(rows: dict[str, Any]) -> list[str]:
    """The mistakes of a project with these gates."""
    table = {"targets": {"local": {"base_url": "http://x"}}, "gates": rows}
    with pytest.raises(ConfigError) as caught:
        read_settings(table, Path("/somewhere"), {}, Flags())
    return [line.removeprefix("pyproject.toml: ") for line in caught.value.mistakes]


def test_broken_rows_are_reported_together() -> None:
    assert refused({"a": {"shut": "x"}, "b": {"covers": ["tag:x"], "shutt": ""}}) == [
        "[tool.smoke.gates.a] 'covers' is missing.",
        "[tool.smoke.gates.b] unknown key 'shutt'. Did you mean 'shut'? "
        "Known: covers, needs, refusal, setting, shut.",
    ]


def test_gate_that_covers_nothing_is_refused() -> None:
    assert refused({"a": {"covers": []}}) == [
        "[tool.smoke.gates.a] covers is []. "
        "Allowed: a list of operations, globs or tag:NAME, at least one."
    ]


COVERED = {"covers": ["tag:x"]}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"covers": [5]},
         "covers is [5]. Allowed: a list of operations, globs or tag:NAME, at least one."),
        ({**COVERED, "shut": 5}, "shut is 5. Allowed: a text."),
        ({**COVERED, "needs": "KEY"}, "needs is 'KEY'. Allowed: a list of texts."),
        ({**COVERED, "setting": ["X"]}, "setting is ['X']. Allowed: a text."),
        ({**COVERED, "refusal": [True]},
         "refusal is [True]. Allowed: a list of statuses, such as [403, 404]."),
        ({**COVERED, "refusal": ["4" * 99]},
         f"refusal is ['{'4' * 58}…. Allowed: a list of statuses, such as [403, 404]."),
    ],
)  # fmt: skip
def test_value_of_wrong_type_is_reported(row: dict[str, Any], message: str) -> None:
    assert refused({"a": row}) == [f"[tool.smoke.gates.a] {message}"]


def test_mistakes_of_one_list_are_one_message() -> None:
    (message,) = refused({"a": {"covers": [1, 2, 3]}})
    assert "covers is [1, 2, 3]. " in message


def test_gate_holds_operations_by_tag_and_by_glob() -> None:
    gates, _ = read()
    assert gates.of("GET /x", ["billing"]) is gates.get("billing")
    assert gates.of("POST /chat/stream", []) is gates.get("ai")
    assert gates.of("GET /chat", ["other"]) is None


def test_hint_names_the_deployment_s_setting_and_the_flag() -> None:
    row = Gate("books", ("tag:books",), "costs money", setting="ENABLE_BOOKS", source="file")
    assert row.hint == (
        "gate books is on (file): set ENABLE_BOOKS=true on the deployment, "
        "or shut it: SMOKE_ENABLE_BOOKS=0"
    )


def test_gate_without_operations_in_the_contract_is_refused() -> None:
    gates, _ = read(environ={"MODEL_KEY": "k"})
    must_cover(gates, [*gates, None], "openapi.json")
    with pytest.raises(ConfigError) as caught:
        must_cover(gates, [gates.get("billing")], "openapi.json")
    assert caught.value.mistakes == (
        "[tool.smoke.gates.ai] covers no operation of openapi.json: POST /chat*, tag:ai. "
        "Correct covers, or remove the gate.",
    )
