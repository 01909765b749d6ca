"""The guardrails that agents can be given, and presets of them; `catalogue.json` has them."""

import json
from pathlib import Path

from .. import schemas

_ALL = json.loads(Path(__file__).with_name("catalogue.json").read_bytes())
GUARDRAILS = tuple(map(schemas.GuardrailDetail.model_validate, _ALL["guardrails"]))
PRESETS = tuple(map(schemas.PresetDetail.model_validate, _ALL["presets"]))
