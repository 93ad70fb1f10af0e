"""Makes many clips on several processes, so that the same seed gives the same bytes.

Clip i has its character, its seed and its folder from i and the seed alone: neither the number of
processes nor the order in which they finish changes anything, a longer run begins with the clips of
a shorter one, and an interrupted run is taken up where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import re
import shutil
import signal
import time
import traceback
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path

import cv2
import numpy as np

import shiage
from shiage.data.dataset import Split, split_of, write_clip
from shiage.data.maker import ClipSettings, Maker
from shiage.errors import BadOption, OutputExists
from shiage.files.atomic import write_atomically
from shiage.progress import Progress, no_progress

SETTINGS_FILE = "make.json"


@dataclass(frozen=True)
class MakeJob:
    """Which clips to make.

    Attributes:
        maker: makes them.
        clips: how many there shall be in all.
        out: the dataset's folder; clips go to `OUT/SOURCE/SOURCE-00000`.
        seed: of the run.
        settings: what is asked of each clip.
        split: only characters of that split; None takes all.
        jobs: processes.
        force: make again what was made with other settings.
    """

    maker: Maker
    clips: int
    out: Path
    seed: int = 0
    settings: ClipSettings = field(default_factory=ClipSettings)
    split: Split | None = None
    jobs: int = 1
    force: bool = False

    @property
    def folder(self) -> Path:
        """Where the clips go."""
        return self.out / self.maker.source


@dataclass(frozen=True)
class ClipTask:
    """One clip to make.

    Attributes:
        folder: of the clip.
        character: whom it shows.
        seed: of the clip.
    """

    folder: Path
    character: str
    seed: int


@dataclass(frozen=True)
class MakeRecord:
    """What became of a run.

    Attributes:
        folder: where the clips are.
        made: clips made now.
        kept: clips that an earlier run had made.
        failed: name and message of those that could not be made.
        frames: drawings in the clips made now.
        seconds: what that took.
        interrupted: Ctrl-C came between.
    """

    folder: str
    made: int
    kept: int
    failed: tuple[tuple[str, str], ...]
    frames: int
    seconds: float
    interrupted: bool


def make_clips(job: MakeJob, progress: Progress = no_progress) -> MakeRecord:
    """Make the clips that are not there yet; one that fails does not keep the others from it.

    Raises:
        BadOption: no character belongs to the split.
        OutputExists: the folder holds clips made with other settings, and `force` is not given.
        WriteFailed: the folder cannot be written.
    """
    tasks = plan_clips(job)
    _claim_folder(job)
    waiting = deque(task for task in tasks if not (task.folder / "clip.json").exists())
    kept = len(tasks) - len(waiting)
    results: dict[ClipTask, str] = {}
    interrupted = False
    started = time.perf_counter()
    try:
        with closing(_work_off(waiting, job, results)) as finished:
            for task in finished:
                progress(task.folder.name, len(results), len(tasks) - kept)
    except KeyboardInterrupt:
        interrupted = True
    failed = {task.folder.name: message for task, message in results.items() if message}
    made = len(results) - len(failed)
    return MakeRecord(
        folder=str(job.folder),
        made=made,
        kept=kept,
        failed=tuple(sorted(failed.items())),
        frames=made * job.settings.frames,
        seconds=time.perf_counter() - started,
        interrupted=interrupted,
    )


def plan_clips(job: MakeJob) -> list[ClipTask]:
    """Return all clips of a run, made or not; characters take turns in a shuffled order.

    Raises:
        BadOption: no character belongs to the split.
    """
    characters = _characters(job)
    order = np.random.default_rng(job.seed).permutation(len(characters))
    source = job.maker.source
    return [
        ClipTask(
            job.folder / f"{source}-{index:05}",
            characters[order[index % len(order)]],
            int(np.random.SeedSequence([job.seed, index]).generate_state(1)[0]),
        )
        for index in range(job.clips)
    ]


def _characters(job: MakeJob) -> list[str]:
    """Return the characters that the run may show."""
    characters = [c for c in job.maker.characters if job.split in (None, split_of(c))]
    if not characters:
        raise BadOption(
            f"none of the {len(job.maker.characters)} {job.maker.source} characters is of the "
            f"split {job.split}",
            expected="one character at least",
            action="Give more characters, or another --split",
        )
    return characters


def _claim_folder(job: MakeJob) -> None:
    """Write down what the clips are made with, unless the folder has others."""
    names = "\n".join(_characters(job)).encode()
    settings = {
        "version": shiage.__version__,
        "source": job.maker.source,
        "seed": job.seed,
        "split": job.split,
        **asdict(job.settings),
        "characters_sha256": hashlib.sha256(names).hexdigest(),
    }
    ours = (json.dumps(settings, indent=1) + "\n").encode()
    file = job.folder / SETTINGS_FILE
    clips = list(_clip_folders(job))
    if (clips or file.exists()) and not (file.exists() and file.read_bytes() == ours):
        if not job.force:
            raise OutputExists(
                f"holds {len(clips)} clips made with other settings",
                path=job.folder,
                expected=f"the settings in its {SETTINGS_FILE}, to go on with it",
                action="Give --force to make them again, or another --out",
            )
        for clip in clips:
            shutil.rmtree(clip)
    write_atomically(file, ours)


def _clip_folders(job: MakeJob) -> Iterator[Path]:
    """Yield the folders of clips, finished or not, that a run into this folder has made."""
    pattern = re.compile(rf"\.?{re.escape(job.maker.source)}-\d{{5,}}(\.\w+\.unfinished)?")
    if job.folder.is_dir():
        yield from (path for path in sorted(job.folder.iterdir()) if pattern.fullmatch(path.name))


def _work_off(
    waiting: deque[ClipTask], job: MakeJob, results: dict[ClipTask, str]
) -> Generator[ClipTask, None, None]:
    """Yield each task as it finishes; on Ctrl-C and on closing, what is begun is finished first.

    No more are begun than are worked on. So a process that dies (for lack of memory, say) takes
    those few with it and no others.

    Args:
        waiting: what to make; emptied.
        job: how.
        results: gets each finished task, also those that an interruption keeps from being yielded,
            with a message if it failed, else "".
    """
    while waiting:
        running: dict[Future[str], ClipTask] = {}
        pool = ProcessPoolExecutor(
            job.jobs, multiprocessing.get_context("spawn"), _start_worker, (job.maker, job.settings)
        )
        try:
            while waiting or running:
                while waiting and len(running) < job.jobs:
                    _submit(pool, waiting[0], running)
                    waiting.popleft()
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    results[running[future]] = _outcome(future)
                    yield running.pop(future)
        except BrokenProcessPool:  # by `submit`, after a process has died; a new pool goes on
            pass
        finally:
            pool.shutdown(cancel_futures=True)
            results |= {
                task: _outcome(future) for future, task in running.items() if not future.cancelled()
            }
        yield from running.values()


def _outcome(future: Future[str]) -> str:
    """Return what went wrong with a task that is finished, or ""."""
    if isinstance(future.exception(), BrokenProcessPool):
        return "the process that made it died; not enough memory? Try fewer --jobs"
    return future.result()


def _submit(
    pool: ProcessPoolExecutor, task: ClipTask, running: dict[Future[str], ClipTask]
) -> None:
    """Hand a task to a pool and note it as running.

    Ctrl-C waits meanwhile, so that it is neither lost nor met by a process that is just starting,
    which inherits that.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        running[pool.submit(_make_clip, task)] = task
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        running[pool.submit(_make_clip, task)] = task
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_worker: tuple[Maker, ClipSettings] | None = None
"""What a worker process makes clips with; set once, since makers may be costly to send."""


def _start_worker(maker: Maker, settings: ClipSettings) -> None:
    """Prepare a worker process."""
    global _worker  # the only memory that a process of a pool has
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    _worker = maker, settings


def _make_clip(task: ClipTask) -> str:
    """Make and write one clip; return "" or what went wrong."""
    assert _worker is not None  # noqa: S101 - set by `_start_worker`
    maker, settings = _worker
    try:
        write_clip(task.folder, maker.make_clip(task.character, task.seed, settings))
    except Exception as error:  # one clip's failure must not end the run
        at: Sequence[traceback.FrameSummary] = traceback.extract_tb(error.__traceback__)
        place = f"{Path(at[-1].filename).name}:{at[-1].lineno}"
        reason = f"{type(error).__name__}: {error}"
        return f"{task.character}, seed {task.seed}: {reason} ({place})"
    return ""
