"""The guardrails that agents can be given, and presets of them."""

from .. import schemas

_WORDS = {"type": "object", "properties": {"words": {"type": "array", "items": {"type": "string"}}}}
GUARDRAILS: tuple[schemas.GuardrailDetail, ...] = (
    schemas.GuardrailDetail(
        key="secret_keys",
        display_name="Secret keys",
        description="Finds what looks like a password or an API key.",
        stage="pre_flight",
        engine="regex",
        supports_masking=True,
    ),
    schemas.GuardrailDetail(
        key="forbidden_words",
        display_name="Forbidden words",
        description="Finds words of a list.",
        stage="input",
        engine="regex",
        default_config={"words": []},
        config_schema=_WORDS,
    ),
    schemas.GuardrailDetail(
        key="personal_data",
        display_name="Personal data",
        description="Finds e-mail addresses and telephone numbers in what an agent says.",
        stage="output",
        engine="regex",
        supports_masking=True,
    ),
)
PRESETS: tuple[schemas.PresetDetail, ...] = tuple(
    schemas.PresetDetail(
        key=key,
        display_name=key.capitalize(),
        description=description,
        guardrail_count=len(guardrails),
        guardrails=[schemas.GuardrailCheckConfigSchema(guardrail_key=name) for name in guardrails],
    )
    for key, description, guardrails in (
        ("minimal", "Keeps secrets in.", ("secret_keys",)),
        ("standard", "Keeps secrets and personal data in.", ("secret_keys", "personal_data")),
    )
)
