"""Where the parts of the drawn figure are in its first cel."""

from __future__ import annotations

from tests.web.page.conftest import STEP, Point

BARE_XY: Point = (10, 10)
HAT_XY: Point = (72, 18)
FACE_XY: Point = (72, 40)
LEFT_EYE_XY: Point = (65, 31)
BODY_XY: Point = (72, 60)
LEG_XY: Point = (60, 90)
OTHER_LEG_XY: Point = (84, 90)


def walked(point: Point, cel: int) -> Point:
    """Where the figure has carried a point of the first cel."""
    return point[0] + STEP * cel, point[1]
