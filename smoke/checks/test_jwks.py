"""Key set: the published keys are the ones that sign, and can be cached for a while."""

import re

from smoke import Actor, Caller, Exchange, Expect
from smoke.checks.conftest import JWKS, PLAIN

# Members of a JWK that only its owner may have (RFC 7518 §6, RFC 8037 §2).
PRIVATE_PARTS = ("d", "p", "q", "dp", "dq", "qi", "k")


# Seconds that keys may be kept: every verifier asks for them, and a lost key must go soon.
LEAST_S, MOST_S = 10, 24 * 3600


async def test_published_keys_are_public_only(
    key_sets: tuple[Exchange, ...], expect: Expect
) -> None:
    """Every published key has an id of its own and no private part."""
    keys = expect(key_sets[0], 200)
    ids = keys.values("/keys/*/kid")
    keys.that("at least one key", bool(ids))
    keys.that("a different kid for each key", len(set(ids)) == len(keys.values("/keys/*")), ids)
    private = [part for part in PRIVATE_PARTS if keys.values(f"/keys/*/{part}")]
    keys.that("no private part of a key", not private, private)


async def test_token_is_signed_with_a_published_key(
    owner: Actor, key_sets: tuple[Exchange, ...], expect: Expect
) -> None:
    """
    The key that signed the owner's token is published, and the keys do not change all the time.

    Keys may be rotated while they are looked at, but not twice.
    """
    session = await owner.session()
    first, second, third = [expect(keys, 200) for keys in key_sets]
    for keys in (first, second, third):
        keys.lists("/keys/*/kid", session.answer["kid"])
    known = {key["kid"]: key for key in first.json["keys"]}
    others = [key["kid"] for key in third.json["keys"] if known.get(key["kid"], key) != key]
    third.that("no other key under a name of a moment ago", not others, others)
    steady = first.json == second.json or second.json == third.json
    third.that("the same keys as a moment ago", steady)


async def test_keys_can_be_cached(
    anonymous: Caller, key_sets: tuple[Exchange, ...], expect: Expect
) -> None:
    """
    The keys carry an ETag, and asking with it answers 304 (RFC 9110 §13.1.2).

    They are asked for uncompressed: a proxy that compresses makes another ETag of it.
    """
    keys = expect(key_sets[-1], 200)
    etag = keys.exchange.headers.get("etag", "")
    keys.that("an ETag", bool(etag))
    expect(await anonymous.call(JWKS, headers={**PLAIN, "If-None-Match": etag}), 304)
    control = keys.exchange.headers.get("cache-control", "").lower()
    ages = [int(age) for age in re.findall(r"(?:max-age|s-maxage)=\"?(\d+)", control)]
    fitting = all(LEAST_S <= age <= MOST_S for age in ages) and "immutable" not in control
    keys.that(f"kept for {LEAST_S} to {MOST_S} s, as far as it says so", fitting, control)
    forbidden = "no-store" in control or "private" in control
    keys.that("keys that any cache may keep", not forbidden, control)
