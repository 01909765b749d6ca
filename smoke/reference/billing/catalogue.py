"""The plans that a tenant can subscribe to (`plans.json`), priced in cents a seat and month."""

import json
from pathlib import Path

from .. import schemas
from ..web.errors import bad_request

CURRENCY = "usd"
_ALL = json.loads(Path(__file__).with_name("plans.json").read_bytes())
PLANS = tuple(map(schemas.BillingPlanResponse.model_validate, _ALL))
PLAN_CODES = tuple(plan.code for plan in PLANS)


def plan_of(code: str) -> schemas.BillingPlanResponse:
    """Return the plan of a code; 400 where there is none."""
    plan = next((plan for plan in PLANS if plan.code == code), None)
    if plan is None:
        raise bad_request(f"The plan {code!r} is unknown. Use one of: {', '.join(PLAN_CODES)}.")
    return plan
