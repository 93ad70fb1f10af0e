"""An episode of many cuts, some with a broken file, painted, killed midway and taken up again.

    python benchmarks/episode.py [--cuts 24] [--cels 12] [--size 768] [--long 60]

Procedural clips are made and laid out as cuts, two cels of each painted. In five of them one file
is broken: a PNG cut off, a text file, an empty file, a drawing of another size, a damaged
reference. The episode is painted in one go, with one process and with two; then once more, all its
processes killed (SIGKILL) when half of the cels are done, and resumed. Told are: seconds (of CPU,
too, since machines are shared), peak memory of all processes together (PSS, sampled), and what the
killed and resumed run came to. A cut of many more cels tells whether memory grows with them.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

SHIAGE = Path(sys.executable).with_name("shiage")
HOUR = 3600.0


def make_cuts(episode: Path, cuts: int, cels: int, size: int, seed: int = 0) -> None:
    """Write cuts c001, c002, ...: drawings in `line`, the first and the last painted in `ref`."""
    with tempfile.TemporaryDirectory() as folder:
        shape = ["--frames", str(cels), "--size", str(size), "--seed", str(seed), "--quiet"]
        count = ["--characters", str(cuts), "--clips", str(cuts), "--out", folder]
        subprocess.run([SHIAGE, "data", "make", "procedural", *count, *shape], check=True)
        for number, clip in enumerate(sorted(Path(folder).glob("*/*/line")), start=1):
            cut = episode / f"c{number:03}"
            shutil.copytree(clip, cut / "line")
            paintings = sorted((clip.parent / "color").iterdir())
            (cut / "ref").mkdir()
            for painting in (paintings[0], paintings[-1]):
                shutil.copy(painting, cut / "ref")


def cut_off(path: Path) -> None:
    """Leave half of a file."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def resize(path: Path) -> None:
    """Make a picture smaller."""
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert picture is not None  # noqa: S101
    cv2.imwrite(str(path), np.ascontiguousarray(picture[:-40]))


BREAK: dict[str, tuple[str, Callable[[Path], object]]] = {
    "PNG cut off": ("line", cut_off),
    "text file": ("line", lambda path: path.write_text("the dog ate it\n")),
    "empty file": ("line", lambda path: path.write_bytes(b"")),
    "another size": ("line", resize),
    "damaged reference": ("ref", cut_off),
}


def break_files(episode: Path) -> dict[str, Path]:
    """Break a file in every fourth cut; return the files by what was done."""
    broken = {}
    for at, (what, (folder, damage)) in enumerate(BREAK.items()):
        files = sorted((episode / f"c{4 * at + 3:03}" / folder).iterdir())
        broken[what] = files[len(files) // 2]
        damage(broken[what])
    return broken


def batch(episode: Path, out: Path, *options: str) -> subprocess.Popen[bytes]:
    """Start painting, in a process group of its own."""
    command = [str(SHIAGE), "batch", str(episode), "--out", str(out), "--quiet", *options]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)


def watch(process: subprocess.Popen[bytes]) -> tuple[float, float, float, float]:
    """Wait for the end; seconds, those of CPU, peak MB of all processes and of the largest."""
    started, most, largest = time.perf_counter(), 0, 0
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    while process.poll() is None:
        sizes = [memory(pid) for pid in (process.pid, *children(process.pid))]
        most, largest = max(most, sum(sizes)), max(largest, *sizes[1:], 0)
        time.sleep(0.1)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - started, cpu, most / 1024, largest / 1024


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    with contextlib.suppress(OSError):
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
    return []


def memory(pid: int) -> int:
    """Return KiB that a process takes, of what it shares its part."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def painted(out: Path) -> dict[str, bytes]:
    """Return the painted cels."""
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.glob("*/*.png")}


def records(out: Path) -> set[str]:
    """Return the cels on record, by the names of their files."""
    return {
        f"{path.parents[2].name}/{path.stem}" for path in out.glob("*/_shiage/cels/*.json")
    }  # fmt: skip


def kill_and_resume(episode: Path, out: Path, cels: int) -> tuple[set[str], set[str]]:
    """Kill a run midway and go on; return the cels on record when it died, and those written since.

    Args:
        episode: the cuts.
        out: where they go.
        cels: how many there are.
    """
    process = batch(episode, out, "--processes", "2")
    while len(records(out)) < cels // 2:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    then = time.time() - HOUR
    for path in out.rglob("*"):
        os.utime(path, (then, then))
    before = records(out)
    batch(episode, out, "--processes", "2", "--resume").wait()
    written = {
        name for name in painted(out) if (out / name).stat().st_mtime > then + HOUR / 2
    }  # fmt: skip
    return before, written


def compare(episode: Path, folder: Path, broken: dict[str, Path]) -> dict[str, int]:
    """Kill a run, resume it, and return how it compares with those in one go."""
    drawings = {name_of(path) for path in episode.glob("*/line/*.png")}
    unpaintable = {name_of(path) for path in broken.values() if path.parent.name == "line"}
    before, written = kill_and_resume(episode, folder / "killed", len(drawings))
    one, two, killed = (painted(folder / run) for run in ("whole1", "whole2", "killed"))
    report = json.loads((folder / "killed" / "episode.json").read_text())
    told = [error for cut in report["cuts"] for error in cut["errors"]]
    named = [path for path in broken.values() if any(str(path) in error for error in told)]
    return {
        "drawings": len(drawings),
        "of these broken": len(unpaintable),
        "cels on record when it was killed": len(before),
        "written after that": len(written),
        "written twice": len(written & before),
        "painted in the end": len(killed),
        "paintable, but not painted": len(drawings - unpaintable - set(killed)),
        "other bytes than in one go": sum(killed.get(name) != one[name] for name in one),
        "other bytes, one process or two": sum(two.get(name) != one[name] for name in one),
        "broken files": len(broken),
        "broken files told by name": len(named),
        "other errors": len(told) - len(named),
    }


def name_of(drawing: Path) -> str:
    """Return a cel's cut and file."""
    return f"{drawing.parents[1].name}/{drawing.name}"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cuts", type=int, default=24)
    parser.add_argument("--cels", type=int, default=12)
    parser.add_argument("--size", type=int, default=768)
    parser.add_argument("--long", type=int, default=60, help="cels of the long cut")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_cuts(folder / "episode", args.cuts, args.cels, args.size)
        make_cuts(folder / "long", 1, args.long, args.size)
        broken = break_files(folder / "episode")
        runs = {
            f"{args.cuts} cuts of {args.cels} cels, one at once": ("episode", "whole1", "1"),
            f"{args.cuts} cuts of {args.cels} cels, two at once": ("episode", "whole2", "2"),
            f"1 cut of {args.long} cels": ("long", "long_painted", "1"),
        }
        print("| run | seconds | CPU seconds | all processes, MB | largest cut, MB |")
        print("|---|---:|---:|---:|---:|")
        for what, (cuts, out, processes) in runs.items():
            options = ["--processes", processes, "--jobs", "1"]
            figures = watch(batch(folder / cuts, folder / out, *options))
            print(f"| {what} | " + " | ".join(f"{n:.0f}" for n in figures) + " |", flush=True)
        print("\n| killed and resumed | |\n|---|---:|")
        for what, number in compare(folder / "episode", folder, broken).items():
            print(f"| {what} | {number} |")


if __name__ == "__main__":
    main()
