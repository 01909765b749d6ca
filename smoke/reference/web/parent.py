"""The end of the service with the process that started it."""

import os
import select
import sys
import threading
import time

import uvicorn

# Seconds that running requests have to finish.
GRACE_S = 1

# Seconds between two looks at the parent.
_LOOK_S = 0.5

# Seconds after which a service that was to stop is ended as it is.
_HELD_UP_S = 5.0


def watch_parent(server: uvicorn.Server) -> None:
    """
    Stop the server when standard input ends or the parent is gone.

    Both are watched: a process that the parent started, too, may hold the pipe open. Linux has a
    signal for the end of a parent (PR_SET_PDEATHSIG), but sends it when the *thread* ends that
    started the child.
    """
    threading.Thread(target=_stop_with, args=(server, os.getppid()), daemon=True).start()


def _stop_with(server: uvicorn.Server, parent: int) -> None:
    while os.getppid() == parent and not _is_input_at_end():
        pass
    server.should_exit = True
    time.sleep(_HELD_UP_S)
    os._exit(1)  # a request that blocks the event loop kept it from seeing that


def _is_input_at_end() -> bool:
    """Tell whether standard input has ended; wait a moment for it."""
    try:
        # Windows selects sockets only; reading until the end is what it offers.
        if sys.platform != "win32" and not select.select([0], [], [], _LOOK_S)[0]:
            return False
        return not os.read(0, 4096)
    except OSError:
        return True
