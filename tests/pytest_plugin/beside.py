"""Suites whose checks run beside each other."""

COUNTED = '''
"""Checks that count how many of them run at once, and write down the largest number."""

import asyncio
import pathlib

import pytest

now, most = 0, 0


async def stay(client, expect):
    global now, most
    now += 1
    most = max(most, now)
    for _ in range(3):
        expect(await client.call("GET /ready"))
    now -= 1
    pathlib.Path("most").write_text(str(most))


@pytest.fixture
def made(anonymous):
    return anonymous


MARK
@pytest.mark.parametrize("number", range(6))
async def test_counted(number, made, expect):
    """A check is counted."""
    await stay(made, expect)
'''
