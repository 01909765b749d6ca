"""The plans that a tenant can subscribe to; prices are in cents a seat and month."""

from .. import schemas
from ..web.errors import bad_request

CURRENCY = "usd"
PLANS: tuple[schemas.BillingPlanResponse, ...] = (
    schemas.BillingPlanResponse(
        code="starter",
        name="Starter",
        interval="month",
        interval_count=1,
        price_cents=2_900,
        currency=CURRENCY,
        seat_included=1,
        feature_toggles={"file_search": True, "code_interpreter": False},
        features=[
            schemas.PlanFeatureResponse(
                key="messages", display_name="Messages", soft_limit=1_000, is_metered=True
            ),
            schemas.PlanFeatureResponse(
                key="vector_stores", display_name="Vector stores", hard_limit=10
            ),
        ],
    ),
    schemas.BillingPlanResponse(
        code="pro",
        name="Pro",
        interval="month",
        interval_count=1,
        price_cents=9_900,
        currency=CURRENCY,
        seat_included=5,
        feature_toggles={"file_search": True, "code_interpreter": True},
        features=[
            schemas.PlanFeatureResponse(
                key="messages", display_name="Messages", soft_limit=20_000, is_metered=True
            ),
            schemas.PlanFeatureResponse(
                key="input_tokens", display_name="Input tokens", is_metered=True
            ),
            schemas.PlanFeatureResponse(
                key="vector_stores", display_name="Vector stores", hard_limit=10
            ),
        ],
    ),
)
PLAN_CODES = tuple(plan.code for plan in PLANS)


def plan_of(code: str) -> schemas.BillingPlanResponse:
    """Return the plan of a code; 400 where there is none."""
    plan = next((plan for plan in PLANS if plan.code == code), None)
    if plan is None:
        raise bad_request(f"The plan {code!r} is unknown. Use one of: {', '.join(PLAN_CODES)}.")
    return plan
