"""Webhooks: what a payment provider reports counts only with its signature."""

from smoke import Caller, Expect, LeftOutError, Run, gate

WEBHOOK = "POST /webhooks/stripe"
REFUSED = (400, 401, 403)


@gate("billing")
async def test_unsigned_event_is_refused(anonymous: Caller, expect: Expect, run: Run) -> None:
    """
    An event that the provider has not signed is refused.

    Its type is one that the provider does not have, so nothing comes of it where it is taken.
    """
    moment = int(run.started.timestamp())
    event = {
        "id": f"evt_smoke_{run.id}", "object": "event", "type": "smoke.unsigned", "created": moment,
        "livemode": False, "data": {"object": {"id": f"smoke_{run.id}", "object": "smoke"}},
    }  # fmt: skip
    signature = {"Stripe-Signature": f"t={moment},v1={'0' * 64}"}
    sent = await anonymous.call(WEBHOOK, json=event, headers=signature)
    if sent.status in (404, 405):
        raise LeftOutError("this deployment takes no events of the payment provider")
    expect(sent, *REFUSED, shape=False)
