"""Guardrails and presets of them."""

from collections.abc import Sequence
from typing import TypeVar

from fastapi import APIRouter

from ..schemas import shown
from ..security.principals import Verified
from ..service import Running, Service
from ..web.errors import not_found
from .catalogue import GUARDRAILS, PRESETS
from .schemas import GuardrailDetail, GuardrailSummary, PresetDetail, PresetSummary

router = APIRouter(prefix="/api/v1/guardrails", tags=["guardrails"])
Item = TypeVar("Item", GuardrailDetail, PresetDetail)


@router.get("")
async def list_guardrails(_caller: Verified, service: Running) -> list[GuardrailSummary]:
    """Return the guardrails."""
    return [shown(GuardrailSummary, one) for one in _catalogue(service, GUARDRAILS)]


@router.get("/presets")
async def list_presets(_caller: Verified, service: Running) -> list[PresetSummary]:
    """Return the presets."""
    return [shown(PresetSummary, one) for one in _catalogue(service, PRESETS)]


@router.get("/presets/{preset_key}")
async def get_preset(preset_key: str, _caller: Verified, service: Running) -> PresetDetail:
    """Return a preset and what is in it."""
    return _named(preset_key, _catalogue(service, PRESETS))


@router.get("/{guardrail_key}")
async def get_guardrail(guardrail_key: str, _caller: Verified, service: Running) -> GuardrailDetail:
    """Return a guardrail and how it can be set."""
    return _named(guardrail_key, _catalogue(service, GUARDRAILS))


def _catalogue(service: Service, items: Sequence[Item]) -> Sequence[Item]:
    """Return the items, which a deployment without a real model does not have."""
    return items if service.settings.reference_variant.has_guardrails else ()


def _named(key: str, items: Sequence[Item]) -> Item:
    found = next((one for one in items if one.key == key), None)
    if found is None:
        raise not_found("Guardrail")
    return found
