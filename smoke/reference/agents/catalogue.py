"""The agents of the service."""

from dataclasses import dataclass

MODEL = "reference-responder"


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent that conversations and workflows can name by its key."""

    key: str
    display_name: str
    description: str
    code_interpreter: bool = False
    file_search: bool = False
    web_search: bool = False


AGENTS: tuple[Agent, ...] = (
    Agent("triage", "Triage", "Answers, or finds the agent who can.", web_search=True),
    Agent("code_assistant", "Code assistant", "Reads and writes code.", code_interpreter=True),
    Agent("data_analyst", "Data analyst", "Computes over files.", code_interpreter=True),
    Agent("researcher", "Researcher", "Searches the tenant's files.", file_search=True),
)


def agent_named(key: str) -> Agent | None:
    """Return the agent of a key."""
    return next((agent for agent in AGENTS if agent.key == key), None)


def mentions(text: str, *fields: str) -> bool:
    """Tell whether a text occurs in one of the fields, whatever its case."""
    return any(text.casefold() in field.casefold() for field in fields)
