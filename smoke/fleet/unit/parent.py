"""Ending this process together with its parent, however the parent ends."""

import ctypes
import os
import signal
import sys
import threading
import time

# The option of prctl(2) that names the signal a process gets when its parent dies.
PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int) -> None:
    """
    Get SIGTERM when the parent is gone, also when SIGKILL ended it (Linux only).

    The caller passes the parent's id, because the parent may be gone before this call.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


def end_with_pipe(descriptor: int, grace_s: float) -> None:
    """
    End this process group when the other end of a pipe is closed.

    SIGTERM comes first; after `grace_s` seconds SIGKILL ends the remaining processes. A thread
    waits, so that a busy process ends, too.
    """
    threading.Thread(target=_wait, args=(descriptor, grace_s), daemon=True).start()


def _wait(descriptor: int, grace_s: float) -> None:
    while os.read(descriptor, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(grace_s)
    os.killpg(os.getpgrp(), signal.SIGKILL)
