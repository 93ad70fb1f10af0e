"""`shiage` as the process of one cut: it stops when its standard input ends.

The batch holds the other end. So a cut finishes the cels it is at and stops when the batch asks
it to, and also when the batch dies. Ctrl-C reaches both; the batch decides.
"""

from __future__ import annotations

import os
import signal
import sys
import threading


def main() -> None:
    """Run the command line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _interrupt)
    threading.Thread(target=_wait_for_end, daemon=True).start()
    from shiage import cli  # takes a second, in which Ctrl-C would not yet be left to the batch

    cli.main()


def _interrupt(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def _wait_for_end() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)  # wakes the main thread, whatever it waits for


if __name__ == "__main__":
    main()
