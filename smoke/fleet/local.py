"""Running a fleet's units on one machine, within the limits of the machine and the fleet."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress

from smoke.errors import Exit
from smoke.fleet.expectation import Expected, Fleet
from smoke.results.outcome import WORST_FIRST


class Turns:
    """The limits on parallel units: in total, and for one host, owner, …"""

    def __init__(self, fleet: Fleet, at_once: int) -> None:
        self._all = asyncio.Semaphore(at_once)
        self._limits = fleet.limits
        self._groups: dict[tuple[str, str], asyncio.Semaphore] = {}

    async def take(self, stack: AsyncExitStack, target: Expected) -> None:
        """Wait for a turn; it ends with the stack."""
        # Group limits first, and in the same order for all units: a unit that waits for its group
        # must not use up the total, and two units must not wait for each other.
        for group in sorted(target.groups(self._limits)):
            limit = asyncio.Semaphore(self._limits[group[0]])
            await stack.enter_async_context(self._groups.setdefault(group, limit))
        await stack.enter_async_context(self._all)


async def run_local(
    fleet: Fleet,
    targets: Sequence[Expected],
    command: Callable[[str], list[str]],
    at_once: int,
    done: Callable[[str, Exit], None],
) -> Exit:
    """
    Run the unit of each target, and return the worst exit code.

    `command` gives the command line of a target's unit. SIGTERM and SIGINT cancel all units, which
    clean up their data; units that have not started do not start any more.
    """
    turns, running = Turns(fleet, at_once), _Running()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)

    async def one(target: Expected) -> Exit:
        async with AsyncExitStack() as stack:
            await turns.take(stack, target)
            code = await running.unit(command(target.name))
        done(target.name, code)
        return code

    # A fleet without a unit has verified nothing, hence the default below.
    codes = await asyncio.gather(*map(one, targets))
    return min(codes, key=WORST_FIRST.index, default=Exit.UNVERIFIED)


class _Running:
    """The running units, so that all of them can be cancelled."""

    def __init__(self) -> None:
        self._cancelled = False
        self._units: set[asyncio.subprocess.Process] = set()

    def cancel(self) -> None:
        """Cancel every unit, and start no other."""
        self._cancelled = True
        for unit in self._units:
            with suppress(ProcessLookupError):
                unit.send_signal(signal.SIGTERM)

    async def unit(self, command: list[str]) -> Exit:
        """Run a unit to its end; a unit that did not end by itself is unverified."""
        if self._cancelled:
            return Exit.UNVERIFIED
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, start_new_session=True
        )
        self._units.add(process)
        try:
            code = await process.wait()
        finally:
            self._units.discard(process)
        return Exit(code) if code in set(Exit) else Exit.UNVERIFIED
