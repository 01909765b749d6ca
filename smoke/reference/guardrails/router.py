"""Guardrails and presets of them."""

from typing import Annotated

from fastapi import APIRouter, Depends

from ..security.principals import Principal, signed_in
from ..web.errors import not_found
from .catalogue import GUARDRAILS, PRESETS
from .schemas import GuardrailDetail, GuardrailSummary, PresetDetail, PresetSummary

router = APIRouter(prefix="/api/v1/guardrails", tags=["guardrails"])
Verified = Annotated[Principal, Depends(signed_in())]


@router.get("")
async def list_guardrails(_principal: Verified) -> list[GuardrailSummary]:
    """The guardrails."""
    names = set(GuardrailSummary.model_fields)
    return [GuardrailSummary(**one.model_dump(include=names)) for one in GUARDRAILS]


@router.get("/presets")
async def list_presets(_principal: Verified) -> list[PresetSummary]:
    """The presets."""
    names = set(PresetSummary.model_fields)
    return [PresetSummary(**one.model_dump(include=names)) for one in PRESETS]


@router.get("/presets/{preset_key}")
async def get_preset(preset_key: str, _principal: Verified) -> PresetDetail:
    """A preset and what is in it."""
    found = next((one for one in PRESETS if one.key == preset_key), None)
    if found is None:
        raise not_found("Guardrail preset")
    return found


@router.get("/{guardrail_key}")
async def get_guardrail(guardrail_key: str, _principal: Verified) -> GuardrailDetail:
    """A guardrail and how it can be set."""
    found = next((one for one in GUARDRAILS if one.key == guardrail_key), None)
    if found is None:
        raise not_found("Guardrail")
    return found
