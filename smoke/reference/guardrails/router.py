"""Guardrails and presets of them."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter

from .. import schemas
from ..security.principals import Verified
from ..service import Running, Service
from ..views import shown
from ..web.errors import found
from .catalogue import GUARDRAILS, PRESETS

router = APIRouter(prefix="/api/v1/guardrails", tags=["guardrails"])


@router.get("")
async def list_guardrails(_caller: Verified, service: Running) -> list[schemas.GuardrailSummary]:
    return [shown(schemas.GuardrailSummary, one) for one in _catalogue(service, GUARDRAILS)]


@router.get("/presets")
async def list_presets(_caller: Verified, service: Running) -> list[schemas.PresetSummary]:
    return [shown(schemas.PresetSummary, one) for one in _catalogue(service, PRESETS)]


@router.get("/presets/{preset_key}")
async def get_preset(preset_key: str, _caller: Verified, service: Running) -> schemas.PresetDetail:
    return _named(preset_key, _catalogue(service, PRESETS))


@router.get("/{guardrail_key}")
async def get_guardrail(
    guardrail_key: str, _caller: Verified, service: Running
) -> schemas.GuardrailDetail:
    return _named(guardrail_key, _catalogue(service, GUARDRAILS))


def _catalogue(service: Service, items: Sequence[Any]) -> Sequence[Any]:
    """Return the items, which a deployment without a real model does not have."""
    return items if service.settings.reference_variant.has_guardrails else ()


def _named(key: str, items: Sequence[Any]) -> Any:
    return found(next((one for one in items if one.key == key), None), "Guardrail")
