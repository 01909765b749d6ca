"""The time limits of a unit, known before it starts: engines derive their own limits."""

# Seconds beside the run's own deadline: starting Python, and writing the reports.
START_S = 15.0

# Seconds between SIGTERM and SIGKILL, for the cleanup of a run.
STOP_S = 20.0

# Seconds of these for the running check to finish.
GENTLE_S = 8.0

# Seconds between an attempt that could not finish and the second one.
PAUSE_S = 10.0

# The maximum of attempts: a second one only after exit code 2 (unverified).
ATTEMPTS = 2


def attempt_s(deadline_s: float) -> float:
    """Seconds until an attempt gets the signal to stop."""
    return deadline_s + START_S


def unit_s(deadline_s: float, pause_s: float = PAUSE_S) -> float:
    """Seconds that a unit takes at most, from its start to the end of its last attempt."""
    return ATTEMPTS * (attempt_s(deadline_s) + STOP_S) + (ATTEMPTS - 1) * pause_s
