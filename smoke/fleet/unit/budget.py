"""How long a unit may take, known before it starts: engines set their own limits by it."""

from __future__ import annotations

# Seconds beside the run's own deadline: starting Python, and writing the reports.
START_S = 15.0

# Seconds between SIGTERM and SIGKILL, in which a run takes away what it made.
STOP_S = 20.0

# Seconds of these that the check which is running has to come to its end.
GENTLE_S = 8.0

# Seconds between an attempt that could not finish and the second one.
PAUSE_S = 10.0

# How often a target is asked at most: again only after exit code 2, and only once.
ATTEMPTS = 2


def attempt_s(deadline_s: float) -> float:
    """Seconds after which an attempt is asked to stop."""
    return deadline_s + START_S


def unit_s(deadline_s: float, pause_s: float = PAUSE_S) -> float:
    """Seconds that a unit takes at most, from its start to the end of its last attempt."""
    return ATTEMPTS * (attempt_s(deadline_s) + STOP_S) + (ATTEMPTS - 1) * pause_s
