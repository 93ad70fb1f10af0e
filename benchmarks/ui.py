"""How long `shiage ui` lets an artist wait, and how much memory it takes.

    python benchmarks/ui.py [--cels 1 30 500] [--size 1500] [--corrections 5]

For each number of cels a procedural cut is drawn (a figure of some 20 parts that walks, each
drawing another one) and opened with one cel given. Told are: the time from the start of the process
to its first answer to /api/project; the time until all cels are prepared and painted; the latency
of a correction, from its POST to the version in which the other cels follow, told over the
WebSocket (median and largest of several, on cuts of at most 60 cels); and the memory of the
process.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
from numpy.typing import NDArray
from websockets.sync.client import ClientConnection, connect

SHIAGE = Path(sys.executable).with_name("shiage")
MOST_TO_CORRECT = 60
"""Cels of the longest cut on which corrections are timed."""


def draw(number: int, size: int, *, painted: bool = False) -> NDArray[np.uint8]:
    """(size, size, 3) uint8 BGR: the figure as it is in one cel."""
    picture = np.full((size, size, 3), 255, np.uint8)
    unit = size / 100
    shift = 12 * np.sin(number / 9) + number / 100
    lift = 4 * np.cos(number / 5)
    width = max(2, size // 400)
    parts = [((50, 50), (22, 30)), ((50, 25), (14, 12)), ((44, 24), (3, 2)), ((56, 24), (3, 2))]
    parts += [((50 + 8 * (at % 3 - 1), 36 + 5 * (at // 3)), (3, 2)) for at in range(12)]
    parts += [((40, 86), (6, 9)), ((60, 86), (6, 9)), ((22, 50), (5, 14)), ((78, 50), (5, 14))]
    for at, ((x, y), axes) in enumerate(parts):
        center = round((x + shift) * unit), round((y + lift) * unit)
        ellipse = (center, tuple(round(axis * unit) for axis in axes), number % 7, 0, 360)
        color = (40 + 10 * at, 220 - 9 * at, (60 * at) % 255) if painted else (255, 255, 255)
        cv2.ellipse(picture, *ellipse, color, -1)
        cv2.ellipse(picture, *ellipse, (0, 0, 0), width, cv2.LINE_8)
    return picture


def draw_cut(folder: Path, cels: int, size: int) -> None:
    """Write the drawings into `line` and the painted first one into `ref`."""
    for name in ("line", "ref"):
        (folder / name).mkdir()
    for number in range(cels):
        cv2.imwrite(str(folder / "line" / f"A{number:04}.png"), draw(number, size))
    cv2.imwrite(str(folder / "ref" / "A0000.png"), draw(0, size, painted=True))


def memory_mb(process: int) -> float:
    """Memory that a process takes at this moment, MB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else float("nan")


def wait_for(http: httpx.Client, socket: ClientConnection, state: str) -> dict[str, Any]:
    """Follow the WebSocket until no cel is in a state; return the project."""
    while True:
        project: dict[str, Any] = http.get("/api/project").json()
        if not any(cel["state"] == state for cel in project["cels"]):
            return project
        socket.recv()


def time_corrections(http: httpx.Client, socket: ClientConnection, count: int) -> list[float]:
    """Return for each of several corrections how long the other cels took to follow, seconds."""
    seconds = []
    segments = http.get("/api/cels/1").json()["segments"]
    largest = sorted(segments, key=lambda segment: -segment["area"])
    for at in range(count):
        palette = act(http, kind="color_add", color=f"#{at + 1:02x}ff80", name="")["palette"]
        items = [{"cel": 1, "labels": [largest[1 + at % (len(largest) - 1)]["label"]]}]
        started = time.perf_counter()
        version = act(http, kind="paint", items=items, color=len(palette) - 1)["version"]
        while json.loads(socket.recv())["version"] <= version:
            pass
        seconds.append(time.perf_counter() - started)
        settle(socket)
    return seconds


def settle(socket: ClientConnection) -> None:
    """Wait until nothing is told for a second."""
    while True:
        try:
            socket.recv(timeout=1)
        except TimeoutError:
            return


def act(http: httpx.Client, **action: Any) -> dict[str, Any]:
    """Return the project after an action."""
    answer = http.post("/api/actions", json=action)
    answer.raise_for_status()
    project: dict[str, Any] = answer.json()
    return project


def measure(folder: Path, cels: int, corrections: int) -> None:
    """Open a cut, measure and print."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [SHIAGE, "ui", folder, "--no-open"], stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stdout  # noqa: S101
    line = process.stdout.readline()
    found = re.search(r"(http://[\d.:]+)/\?token=([\w-]+)", line)
    if not found:
        raise SystemExit(f"shiage ui did not start: {line}")
    url, token = found.groups()
    with httpx.Client(base_url=url, headers={"X-Shiage-Token": token}, timeout=600) as http:
        http.get("/api/project").raise_for_status()
        first = time.perf_counter() - started
        print(f"{cels} cels: first answer after {first:.2f} s", end="", flush=True)
        with connect(f"ws{url[4:]}/api/events?token={token}", close_timeout=1) as socket:
            wait_for(http, socket, "waiting")
            print(f", all prepared after {time.perf_counter() - started:.1f} s", end="", flush=True)
            settle(socket)
            if 1 < cels <= MOST_TO_CORRECT:
                took = time_corrections(http, socket, corrections)
                print(
                    f", a correction followed after {np.median(took):.2f} s "
                    f"(largest of {len(took)}: {max(took):.2f} s)",
                    end="",
                )
        print(f", {memory_mb(process.pid):.0f} MB")
    process.send_signal(signal.SIGINT)
    process.wait()
    process.stdout.close()


def main() -> None:
    """Measure each cut."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--cels", type=int, nargs="+", default=[1, 30, 500])
    parser.add_argument("--size", type=int, default=1500, help="width and height, pixels")
    parser.add_argument("--corrections", type=int, default=5)
    args = parser.parse_args()
    for cels in args.cels:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "cut"
            folder.mkdir()
            draw_cut(folder, cels, args.size)
            measure(folder, cels, args.corrections)


if __name__ == "__main__":
    main()
