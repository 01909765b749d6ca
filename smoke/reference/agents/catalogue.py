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


def tools_by_agent() -> dict[str, list[str]]:
    """Return the names of each agent's tools."""
    tools = ("code_interpreter", "file_search", "web_search")
    return {agent.key: [name for name in tools if getattr(agent, name)] for agent in AGENTS}


def mentions(text: str | None, *fields: str) -> bool:
    """Tell whether a text occurs in one of the fields, whatever its case; no text always does."""
    return text is None or any(text.casefold() in field.casefold() for field in fields)
