"""How much memory a process has needed."""

import re
import resource
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")
MEGABYTE = 1e6


def peak_mb() -> float:
    """
    The most memory that this process has had so far, in MB.

    On Linux `getrusage` would not do: a child of a large process begins with the peak of its
    parent, since the kernel keeps that figure when a process starts another program.
    """
    if sys.platform == "linux":
        found = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text("ascii"))
        assert found is not None
        return int(found[1]) * 1024 / MEGABYTE
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE


def pytest_unconfigure() -> None:
    """Write the figure beside the run's project, where this module is loaded as a plugin."""
    Path("peak_mb").write_text(str(peak_mb()), "ascii")
