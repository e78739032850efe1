"""Becomes a part of the deployment (exec) after tying its life to its parent's.

`python -I -S child.py PARENT_PID PROGRAM ARGUMENTS…`. A child started in another way would outlive a parent
that is killed without warning; a `preexec_fn` would do the same, but may deadlock in a program with threads.
"""

import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask the kernel for SIGTERM on the parent's death (Linux; elsewhere the pid files do), then exec."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit("the parent is gone")
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
