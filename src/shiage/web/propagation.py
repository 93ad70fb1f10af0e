"""The thread that prepares the cels of an open cut and paints them anew after each action."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from shiage.matching import KnownColors
from shiage.matching.remembered import Encoded
from shiage.painting.propagate import (
    ColumnPlan,
    EncodedCel,
    Memory,
    as_neighbor,
    known_for_certain,
    nearest_corrected,
    paint_column,
    plan_column,
    plan_decided,
)
from shiage.structures import Ints, Painting
from shiage.web.desk import DeskCel, State, keep_colors
from shiage.web.renewal import look_again
from shiage.web.session import Busy, Session

AT_ONCE = 32
"""Pairs of drawings compared between two looks at whether the cut was closed."""

GROWTH = 1.3
"""While cels are still being prepared, a column is painted anew each time that it has grown so
much: often enough to see it coming, seldom enough not to take long."""


@dataclass(frozen=True, eq=False)
class Column:
    """What a column is painted from, as it is at one moment.

    Attributes:
        cels: those that have drawings of their own, in order.
        encoded: their drawings, see `EncodedCel`; None where a cel is not prepared.
        decisions: palette id per segment, `UNKNOWN` where nothing is decided.
        keyed: places of the cels that are decided as a whole.
        shared: references that are no cel of the column.
        lenders: the cels of other columns among these.
        palette_version: what the ids of colors go by.
    """

    cels: list[DeskCel]
    encoded: list[EncodedCel | None]
    decisions: list[Ints]
    keyed: list[int]
    shared: list[KnownColors[EncodedCel]]
    lenders: list[DeskCel]
    palette_version: int

    @staticmethod
    def of(session: Session, name: str) -> Column:
        """Return a column of a cut; the session's lock must be held."""
        cels = session.column(name)
        keyed = [at for at, desk in enumerate(cels) if desk.state == "key"]
        shared = [session.painter.known(number) for number in session.sources.shared]
        lenders: list[DeskCel] = []
        if not keyed and not shared:  # nothing of its own: whatever the other columns have
            lenders = [desk for desk in session.cels if desk.state == "key" and desk.encoded]
            shared = [known_for_certain(d.encoded, d.decided) for d in lenders if d.encoded]
        encoded, decisions = [desk.encoded for desk in cels], [desk.decided for desk in cels]
        version = session.palette_version
        return Column(cels, encoded, decisions, keyed, shared, lenders, version)

    def pairs(self) -> Iterator[tuple[Encoded, Encoded]]:
        """Yield the pairs (reference, target) that painting the column compares."""
        plan = plan_decided(self.encoded, self.decisions, self.keyed)
        for step in plan.steps:
            target = self.encoded[step.cel]
            if target is None:
                continue
            for known in (*(plan.certain[key] for key in step.keys), *self.shared):
                yield known.encoded.features, target.features
            for place in nearest_corrected(step.cel, plan.corrected, step.keys):
                yield plan.certain[place].encoded.features, target.features
            if plan.sparse and step.cel in plan.certain:  # what is decided of it tells of the rest
                yield target.features, target.features
            neighbor = None if step.neighbor is None else self.encoded[step.neighbor]
            if neighbor is not None:
                yield neighbor.features, target.features

    def sources_of(self, place: int) -> list[tuple[DeskCel, KnownColors[EncodedCel]]]:
        """Return the cels that one cel takes its colors from, and what is known of them."""
        plan = plan_decided(self.encoded, self.decisions, self.keyed)
        step = next((step for step in plan.steps if step.cel == place), None)
        if step is None:
            return []
        places = nearest_corrected(place, plan.corrected, step.keys)
        found = [(self.cels[at], self._as_key(plan, at)) for at in step.keys]
        found += [(self.cels[at], plan.certain[at]) for at in places]
        if self.lenders:
            found += zip(self.lenders, self.shared, strict=True)
        if step.neighbor is not None:
            neighbor = self.cels[step.neighbor]
            if neighbor.encoded is not None and neighbor.painting is not None:
                found.append((neighbor, as_neighbor(neighbor.encoded, neighbor.painting)))
        return found

    def _as_key(self, plan: ColumnPlan, place: int) -> KnownColors[EncodedCel]:
        """Return what is known of a key; of one that only stands in for it, its painting."""
        known, painting = plan.certain[place], self.cels[place].painting
        if plan.sparse and painting is not None:
            return as_neighbor(known.encoded, painting)
        return known


class Propagation:
    """Works in the background for one session until it is closed.

    Args:
        session: the open cut.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._closing = False
        self._memories: dict[str, Memory] = {}
        self._painted_at = 0  # cels that were prepared when columns were painted last
        session.followed = False
        self._pool = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="shiage-match")
        self._thread = threading.Thread(target=self._work, name="shiage-propagate", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop as soon as what is at work is done."""
        with self._session.changed:
            self._closing = True
            self._session.followed = None
            self._session.changed.notify_all()
        self._thread.join()
        self._pool.shutdown()

    def _work(self) -> None:
        """Prepare and paint until closed."""
        session = self._session
        while True:
            look_again(session)
            with session.changed:
                if not self._closing and not session.dirty and not self._waiting():
                    session.followed = True
                    session.changed.notify_all()
                session.changed.wait_for(lambda: self._closing or session.dirty or self._waiting())
                if self._closing:
                    return
                session.followed = False
                waiting = self._waiting()
                prepared = len(session.cels) - len(waiting)
                columns = sorted(session.dirty)
                grown = prepared >= GROWTH * self._painted_at
                if waiting and not (columns and (session.hurry or grown)):
                    columns = []
                else:
                    session.dirty.clear()
                    session.hurry = False
                    self._painted_at = prepared
            if columns:
                for column in columns:
                    self._paint(column)
            else:
                self._prepare(waiting)
            self._session.tell_busy(None)

    def _waiting(self) -> list[DeskCel]:
        """Return the cels to be prepared, in the order in which they will be painted."""
        session = self._session
        found: list[DeskCel] = []
        for name in session.cut.columns():
            cels = session.column(name)
            keyed = [at for at, desk in enumerate(cels) if desk.cel in session.sources.keys]
            order = [*keyed, *(step.cel for step in plan_column(len(cels), keyed))]
            found += [cels[at] for at in order if cels[at].needs_preparing]
        return found

    def _prepare(self, waiting: list[DeskCel]) -> None:
        """Prepare a few of the cels that wait."""
        total = len(self._session.cels)
        few = waiting[: 2 * (os.cpu_count() or 1)]
        self._session.tell_busy(Busy("preparing", total - len(waiting), total))
        list(self._pool.map(self._session.prepare, few))

    def _paint(self, name: str) -> None:
        """Paint a column anew from what is decided now."""
        session = self._session
        with session.changed:
            column = Column.of(session, name)
        pairs = session.matcher.not_compared(column.pairs())
        for done in range(0, len(pairs), AT_ONCE):
            if self._closing:
                return
            if done:  # what takes a moment only need not be told
                self._session.tell_busy(Busy("matching", done, len(pairs)))
            session.matcher.compare_ahead(pairs[done : done + AT_ONCE], self._pool)
        paintings = paint_column(
            session.matcher,
            column.encoded,
            column.decisions,
            column.keyed,
            column.shared,
            self._memories.setdefault(name, {}),
        )
        with session.changed:
            self._take(column, paintings)

    def _take(self, column: Column, paintings: dict[int, Painting]) -> None:
        """Show new paintings; a cel that has become another meanwhile is painted again later."""
        session = self._session
        if column.palette_version != session.palette_version:
            return  # the column is dirty again
        colors = len(session.palette.keys)  # one may have been undone since
        changed = False
        for place, painting in paintings.items():
            desk = column.cels[place]
            if desk.encoded is not column.encoded[place] or desk.state == "key":
                continue
            state: State = "painted" if (painting.color_ids >= 0).any() else "blank"
            changed |= desk.set_painting(keep_colors(painting, colors)) or desk.state != state
            desk.state = state
        if changed:
            session.tell()
