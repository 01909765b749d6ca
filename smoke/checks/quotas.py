"""How many vector stores and containers a tenant may have."""

from smoke import Caller, Exchange, LeftOutError, Lists

# How many vector stores, and how many containers, a tenant may have.
MOST_OF_A_KIND = 10


async def within_quota(created: Exchange, caller: Caller, listing: str, lists: Lists) -> Exchange:
    """
    Return the exchange of creating a thing that a tenant may have only so many of.

    Raises:
        LeftOutError: it was refused, and the list has as many as a tenant may have.
    """
    refused = created.status in (400, 403, 409, 422)
    if refused and len(await lists.all(caller, listing)) >= MOST_OF_A_KIND:
        raise LeftOutError(f"{listing} lists as many as the tenant may have: no more is created")
    return created
