"""The thread that prepares the cels of an open cut and paints them again after each action."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from shiage.cuts.columns import ColumnPlan, lenders_of
from shiage.painting.propagate import known_for_certain
from shiage.painting.serving import Column, Kind, Known, Memory, paint_column
from shiage.structures import Painting
from shiage.web.desk import DeskCel, State, keep_colors
from shiage.web.renewal import look_again
from shiage.web.session import Busy, Session

AT_ONCE = 32
"""Pairs of drawings compared between two looks at whether the cut was closed."""

GROWTH = 1.3
"""While cels are still being prepared, a column is painted again each time that it has grown so
much: often enough to see it coming, seldom enough not to take long."""


@dataclass(frozen=True, eq=False)
class DeskColumn:
    """A column of the open cut, as it is at one moment.

    Attributes:
        cels: those that have drawings of their own, in order.
        lenders: keyed cels of other columns.
        column: what is known of all these.
        palette_version: what the ids of colors go by.
    """

    cels: list[DeskCel]
    lenders: list[DeskCel]
    column: Column
    palette_version: int

    @staticmethod
    def of(session: Session, name: str) -> DeskColumn:
        """Return a column of a cut; the session's lock must be held."""
        cels = session.column(name)
        keys = {desk.cel: desk for desk in _find_keys(session)}
        lenders = [keys[cel] for cel in lenders_of(name, keys)]
        column = Column(
            [desk.encoded for desk in cels],
            [desk.decided for desk in cels],
            [at for at, desk in enumerate(cels) if desk.state == "key"],
            [reference.known for reference in session.sources.shared],
            [known_for_certain(d.encoded, d.decided) for d in lenders if d.encoded],
        )
        return DeskColumn(cels, lenders, column, session.palette_version)

    def sources_of(self, place: int) -> list[tuple[DeskCel, Known]]:
        """Return the cels that one cel takes its colors from, and what is known of them."""
        step = next((step for step in self.column.steps if step.cel == place), None)
        paintings = {
            at: desk.painting for at, desk in enumerate(self.cels) if desk.painting is not None
        }
        found: list[tuple[DeskCel, Known]] = []
        for source in step.sources if step else ():
            known = self.column.known(source, paintings)
            if source.kind is not Kind.SHEET and known is not None:
                cels = self.lenders if source.kind is Kind.LENT else self.cels
                found.append((cels[source.at], known))
        return found


def _find_keys(session: Session) -> list[DeskCel]:
    """Return the keyed cels in the order in which `shiage paint` learns them."""
    given = {cel: at for at, cel in enumerate(session.sources.keys)}
    found = [desk for desk in session.cels if desk.state == "key" and desk.encoded is not None]
    return sorted(found, key=lambda desk: given.get(desk.cel, len(given)))


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
            cels = {desk.cel: desk for desk in session.column(name)}
            plan = ColumnPlan.make(name, [*cels], session.sources.keys)
            found += [cels[cel] for cel in plan.order if cels[cel].needs_preparing]
        return found

    def _prepare(self, waiting: list[DeskCel]) -> None:
        """Prepare a few of the cels that wait."""
        total = len(self._session.cels)
        few = waiting[: 2 * (os.cpu_count() or 1)]
        self._session.tell_busy(Busy("preparing", total - len(waiting), total))
        list(self._pool.map(self._session.prepare, few))

    def _paint(self, name: str) -> None:
        """Paint a column again from what is decided now."""
        session = self._session
        with session.changed:
            desks = DeskColumn.of(session, name)
        pairs = session.matcher.not_compared(
            (reference.features, target.features) for reference, target in desks.column.pairs()
        )
        for done in range(0, len(pairs), AT_ONCE):
            if self._closing:
                return
            if done:  # what takes only a moment needs no message
                self._session.tell_busy(Busy("matching", done, len(pairs)))
            session.matcher.compare_ahead(pairs[done : done + AT_ONCE], self._pool)
        memory = self._memories.setdefault(name, Memory())
        paintings = paint_column(session.matcher, desks.column, memory)
        with session.changed:
            self._take(desks, paintings)

    def _take(self, desks: DeskColumn, paintings: dict[int, Painting]) -> None:
        """Show new paintings; a cel that has become another meanwhile is painted again later."""
        session = self._session
        if desks.palette_version != session.palette_version:
            return  # the column is dirty again
        colors = len(session.palette.keys)  # one may have been undone since
        changed = False
        for place, painting in paintings.items():
            desk = desks.cels[place]
            if desk.encoded is not desks.column.encoded[place] or desk.state == "key":
                continue
            state: State = "painted" if (painting.color_ids >= 0).any() else "blank"
            changed |= desk.set_painting(keep_colors(painting, colors)) or desk.state != state
            desk.state = state
        if changed:
            session.tell()
