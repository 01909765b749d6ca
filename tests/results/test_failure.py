"""A failure is worded once, and every error gets a sentence."""

import pytest

from smoke.errors import ConfigError, UnverifiedError
from smoke.results.failure import reason_of, sentence


def raised(error: BaseException) -> BaseException:
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


def test_sentence_names_operation_expected_and_got() -> None:
    assert sentence("GET /a as owner", "200", "500") == "GET /a as owner: expected 200, got 500"


def test_sentence_is_one_short_line() -> None:
    text = sentence("GET /a as owner", "x\ny", "z" * 5000)
    assert text.startswith("GET /a as owner: expected x y, got zzz")
    assert len(text) < 250
    assert text.endswith("…")


def test_error_of_a_check_is_named_with_its_place() -> None:
    reason = reason_of(raised(KeyError("account")))
    assert reason.startswith("KeyError: 'account' (tests/results/test_failure.py:")


def test_misuse_is_given_whole() -> None:
    assert reason_of(raised(ConfigError(["one", "two"]))) == "one\ntwo"
    assert reason_of(raised(UnverifiedError("nothing answers"))) == "nothing answers"


def test_error_without_a_message_is_its_type() -> None:
    assert reason_of(ValueError()) == "ValueError"
