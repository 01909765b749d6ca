"""Known defects: still asked for, shown as known, red when they are gone or looked away from."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.unlike.projects import accounts, ended, lockers_run, verdict

TODAY = datetime.now(UTC).date()


def known(**more: object) -> str:
    """A rule that declares the audit to be broken."""
    values: dict[str, object] = {
        "operation": "GET /audit",
        "kind": "behaviour",
        "status": [500],
        "reason": "the audit breaks",
        "link": "https://example.com/issues/7",
        "expires": TODAY + timedelta(days=30),
        **more,
    }
    return "[[known]]\n" + "".join(f"{name} = {_toml(value)}\n" for name, value in values.items())


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def test_known_defect_is_shown_and_the_run_is_green(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, fault="audit_breaks", rules=known())
    assert run.code == 0, run.out
    assert ended(run)["GET /audit"] == "known"
    assert accounts(run)["GET /audit"] == "known"
    assert "the audit breaks (https://example.com/issues/7), expected until" in str(
        run.record("check")
    )


@pytest.mark.parametrize(
    "more",
    [
        {"status": [502]},
        {"kind": "shape"},
        {"targets": ["production"]},
        {"expires": TODAY - timedelta(days=1)},
    ],
    ids=["another status", "another kind", "another target", "expired"],
)
def test_defect_that_is_not_the_known_one_is_red(more: dict[str, object], tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, fault="audit_breaks", rules=known(**more))
    assert run.code == 1, run.out
    assert verdict(run) == "RED (service) GET /audit as owner: expected 200, got 500"


def test_defect_that_is_mended_is_red_until_its_rule_is_gone(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, rules=known())
    assert run.code == 1, run.out
    reason = "known defect of GET /audit: GET /audit works again: the audit breaks. Remove the rule"
    assert verdict(run).startswith(f"RED (contract) {reason}")
    assert "rules.toml:" in verdict(run)


@pytest.mark.parametrize("fault", ["", "audit_breaks"])
def test_intermittent_defect_may_be_there_or_not(fault: str, tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, fault=fault, rules=known(intermittent=True))
    assert run.code == 0, run.out
    assert ended(run)["GET /audit"] == ("known" if fault else "passed")


def test_defect_of_today_holds_until_the_day_is_over(tmp_path: Path) -> None:
    run, _ = lockers_run(tmp_path, fault="audit_breaks", rules=known(expires=TODAY))
    assert run.code == 0, run.out
