"""The data that passes through the engine: names and numbers, never a record or a secret."""

from dataclasses import dataclass, field

# The names of the workflow and of the three activities on the server.
WORKFLOW, EXPECTED, UNIT, MERGE = "smoke-fleet", "smoke-expected", "smoke-unit", "smoke-merge"

# The query that a run in progress answers.
PROGRESS = "progress"

# Search attributes: the verdict, the targets that are not green, the versions that answered.
VERDICT, TARGETS, VERSIONS = "SmokeVerdict", "SmokeTargets", "SmokeVersions"

REASON_MOST, NAMED_MOST = 200, 50


@dataclass
class Task:
    """A target to be asked; `groups` are the limits that it counts towards, as `key:value`."""

    target: str
    unit_s: float
    groups: list[str] = field(default_factory=list)


@dataclass
class Expectation:
    """The fleet's list."""

    tasks: list[Task]
    at_once: int
    limits: dict[str, int]


@dataclass
class Started:
    """The input of a run; `attributes` is whether the server knows the search attributes."""

    attributes: bool = False


@dataclass
class UnitOrder:
    """An order for a worker: run the unit of a target, for a run of the fleet."""

    target: str
    run: str


@dataclass
class UnitResult:
    """The result of a target."""

    target: str
    word: str
    exit: int
    version: str = ""
    reason: str = ""


@dataclass
class Verdict:
    """The end of a fleet's run; `folder` is the directory of its files in the workers' store."""

    word: str
    exit: int
    reason: str
    counts: dict[str, int]
    not_green: list[str]
    folder: str
