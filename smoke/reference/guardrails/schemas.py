"""Requests and answers of the guardrails surface."""

from typing import Any, Literal

from pydantic import BaseModel, Field


class GuardrailCheckConfigSchema(BaseModel):
    guardrail_key: str
    enabled: bool = True
    config: dict[str, Any] = Field(default_factory=dict)


class GuardrailDetail(BaseModel):
    key: str
    display_name: str
    description: str
    stage: Literal["pre_flight", "input", "output", "tool_input", "tool_output"]
    engine: Literal["regex", "llm", "api", "hybrid"]
    supports_masking: bool = False
    uses_conversation_history: bool = False
    tripwire_on_error: bool = False
    default_config: dict[str, Any] = Field(default_factory=dict)
    config_schema: dict[str, Any] = Field(default_factory=dict)


class GuardrailSummary(BaseModel):
    key: str
    display_name: str
    description: str
    stage: Literal["pre_flight", "input", "output", "tool_input", "tool_output"]
    engine: Literal["regex", "llm", "api", "hybrid"]
    supports_masking: bool = False


class PresetDetail(BaseModel):
    key: str
    display_name: str
    description: str
    guardrail_count: int
    guardrails: list[GuardrailCheckConfigSchema]


class PresetSummary(BaseModel):
    key: str
    display_name: str
    description: str
    guardrail_count: int
