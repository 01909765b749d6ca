"""The workflows of the service."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One call of an agent."""

    name: str
    agent_key: str


@dataclass(frozen=True, slots=True)
class Stage:
    """Steps that run one after the other, or side by side."""

    name: str
    steps: tuple[Step, ...]
    is_parallel: bool = False


@dataclass(frozen=True, slots=True)
class Workflow:
    """Stages that run one after the other."""

    key: str
    display_name: str
    description: str
    stages: tuple[Stage, ...]
    is_default: bool = False

    @property
    def step_count(self) -> int:
        """The number of steps in all stages."""
        return sum(len(stage.steps) for stage in self.stages)


WORKFLOWS: tuple[Workflow, ...] = (
    Workflow(
        "analysis_code",
        "Analysis and code",
        "Analyses a question, then writes the code that answers it.",
        (
            Stage("analysis", (Step("analyse", "data_analyst"),)),
            Stage("code", (Step("write_code", "code_assistant"),)),
        ),
        is_default=True,
    ),
    Workflow(
        "research_review",
        "Research and review",
        "Asks two agents side by side, then weighs their answers.",
        (
            Stage(
                "research",
                (Step("search", "researcher"), Step("compute", "data_analyst")),
                is_parallel=True,
            ),
            Stage("review", (Step("weigh", "triage"),)),
        ),
    ),
)


def workflow_named(key: str) -> Workflow | None:
    """Return the workflow of a key."""
    return next((workflow for workflow in WORKFLOWS if workflow.key == key), None)
