"""The command line in processes forked off one that has loaded it.

To load it takes most of a second, which a suite of hundreds of commands pays once here. A forked
command is a process as any other: it has its own output, folder, environment, signals, limits and
exit code. Only what is decided as Python starts is shared by all of
them: the modules, and the order of sets of strings. `tests/integration/test_cli_started.py` starts
some commands from nothing, and finds the same.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import pickle
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import IO, NamedTuple, NoReturn

SHIAGE = Path(sys.executable).with_name("shiage")
LOADED_LATER = {
    "bench": "shiage.bench.failures",
    "ui": "shiage.web.serving",
    "train": "shiage.training.loop",
    "export": "shiage.training.shipping",
}
"""What a command loads besides the command line, kept for the next one."""


def clean_environment() -> dict[str, str]:
    """The environment of a command: that of the tests, but for what shapes a terminal's output."""
    found = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "FORCE_COLOR")}
    return found | {"PYTHONIOENCODING": "utf-8"}


class Call(NamedTuple):
    """A command that is asked for."""

    args: Sequence[str]
    cwd: str
    environment: Mapping[str, str]
    before: Callable[[], object] | None


@dataclass
class Process:
    """A running command, with the part of `subprocess.Popen` that tests use.

    Attributes:
        pid: of its process.
        stdout: what it prints.
        stderr: what it says.
        returncode: None while it runs; less than zero if a signal ended it.
    """

    pid: int
    stdout: IO[str]
    stderr: IO[str]
    _ended: int
    returncode: int | None = field(default=None, init=False)

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._ended], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("shiage", timeout or 0)
            status = os.read(self._ended, 4)
            os.close(self._ended)
            self.returncode = os.waitstatus_to_exitcode(int.from_bytes(status, "little"))
        return self.returncode

    def communicate(self, timeout: float) -> tuple[str, str]:
        """What it prints and says until it ends; after the timeout, seconds, it is killed."""
        end = threading.Timer(timeout, self.kill)
        end.start()
        with self.stdout, self.stderr, ThreadPoolExecutor(2) as readers:
            printed, said = readers.map(lambda stream: stream.read(), (self.stdout, self.stderr))
        self.wait()
        end.cancel()
        return printed, said

    def send_signal(self, how: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, how)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@functools.cache
def _load() -> socket.socket:
    """Start the process that the commands of this one are forked off; it ends with this one."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    loaded = subprocess.Popen(
        [sys.executable, "-P", __file__, str(there.fileno())],
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=[there.fileno()],
    )
    there.close()

    def end() -> None:
        here.close()
        loaded.wait()

    atexit.register(end)
    return here


def start(*args: str | Path, cwd: Path, before: Callable[[], object] | None = None) -> Process:
    """Start the command line.

    Args:
        args: its arguments.
        cwd: the folder it runs in.
        before: called in the new process before anything else; must be one that pickle takes.
    """
    loaded = _load()
    out, err, ended = os.pipe(), os.pipe(), os.pipe()
    call = Call([str(arg) for arg in args], str(cwd), clean_environment(), before)
    socket.send_fds(loaded, [pickle.dumps(tuple(call))], [out[1], err[1], ended[1]])
    for _, write in (out, err, ended):
        os.close(write)
    pid = int.from_bytes(os.read(ended[0], 4), "little")
    return Process(
        pid, os.fdopen(out[0], encoding="utf-8"), os.fdopen(err[0], encoding="utf-8"), ended[0]
    )


def _fork_for_each_call(calls: socket.socket) -> None:
    """Answer calls until there are no more; return in each new process, ready to run."""
    keepers: list[int] = []
    while True:
        data, fds, _, _ = socket.recv_fds(calls, 1 << 20, 3)
        if not data:
            for keeper in keepers:
                os.waitpid(keeper, 0)
            os._exit(0)
        keepers = [keeper for keeper in keepers if os.waitpid(keeper, os.WNOHANG)[0] == 0]
        call = Call(*pickle.loads(data))  # noqa: S301 - from ourselves
        if call.args and call.args[0] in LOADED_LATER:
            with contextlib.suppress(ImportError):  # the command says what is missing
                import_module(LOADED_LATER[call.args[0]])
        keeper = os.fork()
        if keeper:
            keepers.append(keeper)
            for fd in fds:
                os.close(fd)
            continue
        calls.close()
        pid = os.fork()
        ended = fds[2]
        if pid:  # the keeper says how the command ends
            for fd in fds[:2]:
                os.close(fd)
            os.write(ended, pid.to_bytes(4, "little"))
            status = os.waitpid(pid, 0)[1]
            os.write(ended, status.to_bytes(4, "little"))
            os._exit(0)
        os.close(ended)
        for fd, place in zip(fds, (1, 2), strict=False):
            os.dup2(fd, place)
            os.close(fd)
        os.chdir(call.cwd)
        os.environ.clear()
        os.environ.update(call.environment)
        sys.argv = [str(SHIAGE), *call.args]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if call.before:
            call.before()
        return


def _run(main: Callable[[], object]) -> NoReturn:
    """Run a command and end as Python does, but for what C++ libraries do when it is over.

    They wait for threads of theirs, which no forked process has.
    """
    code: object = 1
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for pytest, which ends this
    from shiage.cli import main

    _fork_for_each_call(socket.socket(fileno=int(sys.argv[1])))
    _run(main)
