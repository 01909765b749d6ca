"""The task of a worker: the complete configuration of its target, read once."""

import pickle
from dataclasses import dataclass
from pathlib import Path

from smoke.config.settings import Settings

KEY = "smoke_task"
"""The name under which a worker's input holds its task; empty for a worker without a target."""


@dataclass(frozen=True)
class Task:
    """
    One target for one worker: its settings, where its files go, and the label of its lines.

    Workers with the same `lane`, the path of a lock, ask their targets one after the other.
    """

    settings: Settings
    folder: Path
    label: str
    lane: Path

    def packed(self) -> bytes:
        """Return the task as execnet can carry it."""
        return pickle.dumps(self)


def unpacked(data: bytes) -> Task:
    """Return the task that a controller packed."""
    task = pickle.loads(data)  # noqa: S301  (written by the process that started this one)
    assert isinstance(task, Task)  # noqa: S101
    return task
