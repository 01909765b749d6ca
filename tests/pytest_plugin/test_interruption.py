"""An error that an interruption caused is that interruption, not a crash."""

from smoke.pytest_plugin.deadline import was_interrupted


def failed_by(error: BaseException) -> BaseException:
    """What Python raises when an error interrupts a wait for a lock."""
    try:
        try:
            raise error
        finally:
            raise RuntimeError("release unlocked lock")
    except RuntimeError as second:
        return second


def test_error_of_an_interrupted_wait_is_an_interruption() -> None:
    assert was_interrupted(KeyboardInterrupt())
    assert was_interrupted(failed_by(KeyboardInterrupt()))
    assert not was_interrupted(failed_by(ValueError()))
    assert not was_interrupted(None)
