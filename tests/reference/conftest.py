"""
One reference service for all tests, its world, and a client for each actor.
"""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from .process import ServiceProcess, client, running
from .world import World, seed


@pytest.fixture(scope="session")
def service() -> Iterator[ServiceProcess]:
    """
    A service with every surface open and an empty database.
    """
    with running() as process:
        yield process


@pytest.fixture(scope="session")
def world(service: ServiceProcess) -> World:
    """
    The seeded tenants, users and conversations.
    """
    return seed(service.url, uuid4().hex[:8])


@pytest.fixture(scope="session")
def anonymous(service: ServiceProcess) -> Iterator[httpx.Client]:
    """
    A client that is not signed in.
    """
    with client(service.url) as visitor:
        yield visitor


@pytest.fixture(scope="session")
def owner(world: World) -> Iterator[httpx.Client]:
    """
    The owner of the tenant, who is also a platform operator.
    """
    with world.signed_in("owner") as client:
        yield client


@pytest.fixture(scope="session")
def admin(world: World) -> Iterator[httpx.Client]:
    """
    An admin of the tenant.
    """
    with world.signed_in("admin") as client:
        yield client


@pytest.fixture(scope="session")
def member(world: World) -> Iterator[httpx.Client]:
    """
    A member of the tenant.
    """
    with world.signed_in("member") as client:
        yield client


@pytest.fixture(scope="session")
def viewer(world: World) -> Iterator[httpx.Client]:
    """
    A viewer of the tenant.
    """
    with world.signed_in("viewer") as client:
        yield client


@pytest.fixture(scope="session")
def outsider(world: World) -> Iterator[httpx.Client]:
    """
    The owner of another tenant.
    """
    with world.signed_in("outsider") as client:
        yield client
