"""Training from the first pair, or from a checkpoint, to the end of the run.

```
clips ─► PairSampler ─► Batches (workers) ─► Ant ─► losses ─► AdamW ─► averaged weights
                                                                   └─► validation ─► best.pt
```
"""

from __future__ import annotations

import itertools
import math
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

import cv2
import msgspec
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from shiage.errors import BadOption, OutputExists, ShiageError
from shiage.files.atomic import write_atomically
from shiage.files.settings import read_settings
from shiage.models.ant import Ant
from shiage.models.checkpoints import (
    BEST,
    LAST,
    Checkpoint,
    RunProgress,
    load_weights,
    read_checkpoint,
    require_same_model,
    write_checkpoint,
)
from shiage.models.config import AntConfig
from shiage.progress import Progress, no_progress
from shiage.provenance import find_commit
from shiage.training.config import TrainConfig, to_toml
from shiage.training.curves import CURVES, draw_curves
from shiage.training.frames import AS_DRAWN, FrameSource, find_clips, prepare_views
from shiage.training.logs import RunLog
from shiage.training.losses import Losses, color_answerable, color_right, compute_losses
from shiage.training.optimization import (
    AveragedAnt,
    computes_bfloat16,
    learning_rate,
    make_optimizer,
)
from shiage.training.pairs import Batches, PairBatch, PairSampler, weighted_clips
from shiage.training.processes import Processes, join_processes
from shiage.training.validation import SCORE, Validation

CONFIG = "config.toml"

STREAM_PRIME = 1_000_003
"""Parts the random numbers of processes and steps from each other."""


@dataclass(frozen=True)
class TrainJob:
    """What is asked of a training.

    Attributes:
        config: all settings.
        run: folder of the run.
        resume: go on from the last checkpoint, if there is one.
        pause_after: minutes after which the run stops where it is, to be resumed; None = never.
    """

    config: TrainConfig
    run: Path
    resume: bool = False
    pause_after: float | None = None


@dataclass(frozen=True)
class TrainRecord:
    """What became of a training.

    Attributes:
        run: its folder.
        ended: "done", "early" (no better validation for long), "paused" or "interrupted".
        pairs: learned from, in all.
        minutes: of training, in all.
        best: highest validation score; below 0 if nothing was validated.
        best_pairs: pairs learned from when it was reached.
    """

    run: str
    ended: str
    pairs: int
    minutes: float
    best: float
    best_pairs: int


def train(job: TrainJob, progress: Progress = no_progress) -> TrainRecord:
    """Train, and return what became of it.

    The folder then holds config.toml, log.csv, curves.png, last.pt, best.pt and what TensorBoard
    reads.

    Raises:
        OutputExists: the run is there already and `resume` is not asked for.
        DatasetError: there are no clips to learn from, or one is damaged.
        UnreadableFile: the checkpoint is damaged.
        ShiageError: the loss became NaN or infinite.
    """
    if (job.run / CONFIG).exists() and not job.resume:
        raise OutputExists(
            "a run with this name exists",
            path=job.run,
            expected="a new name",
            action="Give --resume to go on with it, or another --run",
        )
    if job.config.run.threads:
        torch.set_num_threads(job.config.run.threads)
    with join_processes(job.config.run.device) as processes:
        if job.config.optimizer.batch_pairs % processes.world:
            raise BadOption(
                f"{job.config.optimizer.batch_pairs} pairs cannot be shared evenly by "
                f"{processes.world} processes",
                action="Change optimizer.batch_pairs",
            )
        return _Run(job, processes, progress).go()


class _Run:
    """One process of a run: its model and all that goes with it."""

    def __init__(self, job: TrainJob, processes: Processes, progress: Progress) -> None:
        self.job, self.config = job, job.config
        self.processes, self.device = processes, processes.device
        self.advance = progress
        self.began = time.monotonic()
        self.interrupted = threading.Event()
        self.batches, self.validation = self._load_data()
        self.mixed = self.config.run.mixed_precision and computes_bfloat16(self.device)
        torch.manual_seed(self.config.run.seed)
        self.model = Ant(self.config.model).to(self.device)
        self.averaged = AveragedAnt(self.model, self.config.optimizer.ema)
        self.optimizer = make_optimizer(self.model, self.config.optimizer)
        self.state = self._restore()
        self.commit = find_commit() if processes.is_first else ""

    def go(self) -> TrainRecord:
        """Train until there is a reason to end."""
        if self.processes.is_first:
            text = to_toml(self.config)
            write_atomically(self.job.run / CONFIG, text.encode())
        log = RunLog(self.job.run, self.state.step) if self.processes.is_first else nullcontext()
        with log as opened, _note_signals(self.interrupted):
            ended = self._learn(opened)
            if opened is not None:
                draw_curves(opened.rows, self.job.run / CURVES)
        state = self.state
        return TrainRecord(
            str(self.job.run), ended, state.pairs, state.minutes, state.best, state.best_pairs
        )

    def _load_data(self) -> tuple[Batches, Validation | None]:
        """Return the batches of this process; and what the first one validates on."""
        config = self.config
        folders = [Path(folder) for folder in config.data.folders]
        cache = Path(config.data.cache)
        clips = weighted_clips(find_clips(folders, "train"), config.data.weights)
        if any(clip.info.split != "train" for clip in clips):
            raise AssertionError("only characters of the training split may be learned from")
        kept = cache if config.data.views else None
        source = FrameSource(clips, config.augment, kept, config.model.crop_size)
        validation = None
        if self.processes.is_first:
            views = range(AS_DRAWN, config.data.views + 1)
            prepare_views(source, views, os.cpu_count() or 1, self.advance)
            held = find_clips(folders, "validation")
            unseen = FrameSource(held, config.augment, cache, config.model.crop_size)
            validation = Validation(unseen, config.run.validation_pairs)
        self.processes.agree(None)
        sampler = PairSampler(
            clips,
            config.data,
            config.augment.flip,
            config.augment.flip_apart,
            config.run.seed,
            config.optimizer.batch_pairs,
        )
        return Batches(source, sampler, self.processes.rank, self.processes.world), validation

    def _restore(self) -> RunProgress:
        """Take up the last checkpoint if asked to, or the weights to begin with; tell how far."""
        path = self.job.run / LAST
        start = self.config.run.start
        if not (self.job.resume and path.exists()):
            if start:
                weights = load_weights(Path(start), self.config.model)
                self.model.load_state_dict(weights, strict=True)
                self.averaged.module.load_state_dict(weights, strict=True)
            return RunProgress()
        checkpoint = read_checkpoint(path, self.device)
        found = read_settings(checkpoint.config["model"], AntConfig)
        require_same_model(found, self.config.model, path)
        self.model.load_state_dict(checkpoint.weights, strict=True)
        self.averaged.module.load_state_dict(checkpoint.averaged, strict=True)
        self.averaged.n_averaged.fill_(checkpoint.progress.step)
        self.optimizer.load_state_dict(checkpoint.optimizer)
        return checkpoint.progress

    def _learn(self, log: RunLog | None) -> str:
        """Learn batch by batch, and return why it ended."""
        config, begin = self.config.run, self.state
        model = self.processes.wrap(self.model)
        started, tally, validated_at = time.monotonic(), _Tally(), self.state.step
        batches = iter(self._open_loader(begin.step))
        while not (ended := self._why_end()):
            tally.add(self._step(model, next(batches)))
            minutes = begin.minutes + (time.monotonic() - started) / 60
            minutes = self.processes.agree(minutes)
            pairs = self.state.pairs + self.config.optimizer.batch_pairs
            step = self.state.step + 1
            self.state = replace(self.state, step=step, pairs=pairs, minutes=minutes)
            if self._due(config.log_every):
                self._tell(log, tally)
                tally = _Tally()
            if self._due(config.validate_every):
                self._validate(log)
                validated_at = step
            if self._due(config.checkpoint_every) or validated_at == step:
                self._write(LAST)
        if ended in ("done", "early") and validated_at != self.state.step:
            self._validate(log)
        self._write(LAST)
        return ended

    def _open_loader(self, begin: int) -> DataLoader[PairBatch]:
        """Return batches from a step on, without end."""
        workers = self.config.run.workers
        return DataLoader(
            self.batches,
            batch_size=None,
            sampler=itertools.count(begin),
            num_workers=workers,
            multiprocessing_context="forkserver" if workers else None,
            prefetch_factor=4 if workers else None,
            worker_init_fn=_start_worker,
        )

    def _step(self, model: nn.Module, batch: PairBatch) -> Tensor:
        """Learn from a batch; return what is logged of it, (6,) by `_Tally.NAMES`."""
        config, batch = self.config.optimizer, batch.to(self.device)
        rate = learning_rate(config, self.state.pairs + config.batch_pairs, self._fraction())
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        stream = self.state.step * self.processes.world + self.processes.rank
        ids = torch.Generator().manual_seed(self.config.run.seed * STREAM_PRIME + stream)
        # On a CPU torch's own attention is slow in bfloat16, and most of all its gradient: steps
        # took 1.7 times as long.
        plain = self.mixed and self.device.type == "cpu"
        model.train()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.mixed):
            output = model(batch.ref, batch.target, plain)
        losses = compute_losses(output, batch.truth, self.config.loss, ids)
        self.optimizer.zero_grad(set_to_none=True)
        losses.total.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), config.clip_norm)
        self.optimizer.step()
        self.averaged.update_parameters(self.model)
        answerable = color_answerable(batch.truth)
        right = (color_right(output, batch.truth) & answerable).sum() / answerable.sum().clamp(1)
        return torch.stack([*losses, right, norm]).detach()

    def _fraction(self) -> float:
        """Return how much of the run is done, by pairs or by minutes, whichever is more."""
        config = self.config.run
        by_pairs = self.state.pairs / config.pairs if config.pairs else 0.0
        by_minutes = self.state.minutes / config.minutes if config.minutes else 0.0
        return max(by_pairs, by_minutes)

    def _why_end(self) -> str:
        """Return why the run ends now, "" if it does not; the same in all processes."""
        config, reason = self.config.run, ""
        passed = (time.monotonic() - self.began) / 60
        if self._fraction() >= 1:
            reason = "done"
        elif config.patience and self.state.stale >= config.patience:
            reason = "early"
        elif self.interrupted.is_set():
            reason = "interrupted"
        elif self.job.pause_after is not None and passed >= self.job.pause_after:
            reason = "paused"
        return self.processes.agree(reason)

    def _due(self, every: int) -> bool:
        """Whether something that is done every `every` pairs is done after this step."""
        return self.state.step % math.ceil(every / self.config.optimizer.batch_pairs) == 0

    def _tell(self, log: RunLog | None, tally: _Tally) -> None:
        """Log the losses since the last time, and move the progress bar on."""
        means = tally.means()
        if not math.isfinite(means["loss/total"]):
            raise ShiageError(
                f"the loss became NaN or infinite after {self.state.pairs} pairs",
                path=self.job.run,
                action="Lower optimizer.learning_rate, then --resume from the last checkpoint",
            )
        if log is None:
            return
        rate = self.optimizer.param_groups[0]["lr"]
        speed = tally.steps * self.config.optimizer.batch_pairs / tally.seconds()
        figures = {"pairs": float(self.state.pairs), "minutes": self.state.minutes}
        log.add(
            self.state.step, figures | means | {"learning_rate": rate, "pairs_per_second": speed}
        )
        best = f", best {self.state.best:.1%}" if self.state.best >= 0 else ""
        whole = round(self.state.pairs / max(self._fraction(), 1e-9))
        self.advance(f"loss {means['loss/total']:.3f}{best}", self.state.pairs, whole)

    def _validate(self, log: RunLog | None) -> None:
        """Measure the averaged weights; keep them if they are the best so far."""
        state = self.state
        if self.validation is not None and log is not None:
            scores = self.validation.measure(self.averaged.module, self.device)
            log.add(state.step, {"pairs": float(state.pairs), "minutes": state.minutes, **scores})
            if scores[SCORE] > state.best:
                state = replace(state, best=scores[SCORE], best_pairs=state.pairs, stale=0)
            else:
                state = replace(state, stale=state.stale + 1)
            draw_curves(log.rows, self.job.run / CURVES)
        self.state = self.processes.agree(state)
        if not self.state.stale:
            self._write(BEST)

    def _write(self, name: str) -> None:
        """Write a checkpoint."""
        if not self.processes.is_first:
            return
        checkpoint = Checkpoint(
            config=msgspec.to_builtins(self.config),
            commit=self.commit,
            progress=self.state,
            weights=self.model.state_dict(),
            averaged=self.averaged.module.state_dict(),
            optimizer=self.optimizer.state_dict(),
        )
        write_checkpoint(self.job.run / name, checkpoint)


class _Tally:
    """Numbers summed up since the last line of the log, without waiting for the device."""

    NAMES = (*(f"loss/{name}" for name in Losses._fields), "training/accuracy", "gradient_norm")

    def __init__(self) -> None:
        self.sum: Tensor | None = None
        self.steps = 0
        self.started = time.monotonic()

    def add(self, values: Tensor) -> None:
        """Add a step's."""
        self.sum = values if self.sum is None else self.sum + values
        self.steps += 1

    def means(self) -> dict[str, float]:
        """Return the means by name."""
        values = [] if self.sum is None else (self.sum / self.steps).tolist()
        return dict(zip(self.NAMES, values, strict=True))

    def seconds(self) -> float:
        """Return the time since the first was to come."""
        return max(time.monotonic() - self.started, 1e-9)


def _start_worker(_: int) -> None:
    """Leave Ctrl-C to the process that trains, and the cores to the other workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)


@contextmanager
def _note_signals(event: threading.Event) -> Iterator[None]:
    """Set `event` at Ctrl-C or a request to end, so that no step is cut in two."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def note(_signal: int, _frame: FrameType | None) -> None:
        event.set()

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
