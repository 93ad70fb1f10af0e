"""The acting of the cut as data: sixteen key poses of a few named numbers each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Eyes = Literal["open", "shut", "happy", "wink"]
Mouth = Literal["smile", "open", "grin", "oh", "flat"]
Hand = Literal["rest", "open", "fist"]


@dataclass(frozen=True)
class Arm:
    """One arm; angles in degrees, 0 hanging down, positive away from the body."""

    raise_: float = 14.0
    bend: float = 6.0
    hand: Hand = "rest"
    twist: float = 0.0
    """Turn of the hand about the wrist."""
    over_face: bool = False

    @property
    def is_high(self) -> bool:
        """Whether the arm passes in front of the collar."""
        return self.raise_ > 50 or abs(self.bend) > 100


@dataclass(frozen=True)
class Foot:
    """Where an ankle is, as seen from the hips, and how the boot is tipped."""

    x: float
    y: float = 292.0
    tip: float = 0.0


@dataclass(frozen=True)
class Bird:
    """The companion, in pixels of the frame."""

    x: float
    y: float
    size: float = 1.0
    tilt: float = 0.0
    wing: float = 0.0
    """-1 folded wings, 0 spread level, 1 raised."""
    singing: bool = False


@dataclass(frozen=True)
class Pose:
    """Everything that changes from drawing to drawing."""

    number: int
    x: float
    y: float
    zoom: float = 1.0
    roll: float = 0.0
    stretch: float = 1.0
    lean: float = 0.0
    turn: float = 0.0
    """Turn of the body, from -1 (screen left) to 1 (screen right)."""
    yaw: float = 0.0
    """Turn of the head in degrees, positive to screen right."""
    pitch: float = 0.0
    """Lift of the face in degrees."""
    nod: float = 0.0
    """Tilt of the head on the neck in degrees, clockwise."""
    eyes: Eyes = "open"
    gaze: tuple[float, float] = (0.0, 0.0)
    mouth: Mouth = "smile"
    brows: float = 0.0
    right: Arm = field(default_factory=Arm)
    left: Arm = field(default_factory=Arm)
    right_foot: Foot = Foot(-40.0)
    left_foot: Foot = Foot(40.0)
    bag_swing: float = 0.0
    bag_behind: bool = False
    sway: float = 0.0
    """How far the hair swings to screen right, in pixels at its tips."""
    wind: float = 0.0
    """-1 blows the scarf to screen left, 1 to screen right."""
    cap_lift: float = 0.0
    bird: Bird | None = None


HOLD_STRAP = Arm(raise_=24.0, bend=-128.0, hand="fist")

# fmt: off
POSES: tuple[Pose, ...] = (
    Pose(1, 420, 705, nod=-3, yaw=8, turn=0.15, gaze=(0.1, 0), left=Arm(16, 8),
         right=HOLD_STRAP, right_foot=Foot(-38, tip=-3), left_foot=Foot(44, tip=3),
         bag_swing=-4, sway=0, wind=0.35),
    Pose(2, 450, 708, lean=4, yaw=24, nod=2, turn=0.45, gaze=(0.7, 0), right=HOLD_STRAP,
         left=Arm(24, 22), right_foot=Foot(-62, tip=6), left_foot=Foot(64, 284, tip=-10),
         bag_swing=10, sway=-8, wind=-0.35),
    Pose(3, 545, 716, lean=8, yaw=30, turn=0.7, gaze=(0.8, 0), brows=3,
         right=Arm(-24, -22, "fist"), left=Arm(-26, 8), right_foot=Foot(96, 282, tip=-16),
         left_foot=Foot(-104, 268, tip=30), bag_swing=22, sway=-16, wind=-0.7),
    Pose(5, 640, 694, lean=5, yaw=30, nod=-4, turn=0.7, eyes="shut", right=Arm(6, -8, "fist"),
         left=Arm(8, -10), right_foot=Foot(6, 298), left_foot=Foot(-40, 226, tip=34),
         bag_swing=4, sway=-12, wind=-0.8),
    Pose(6, 735, 716, lean=9, yaw=27, nod=3, turn=0.7, gaze=(0.7, -0.6), mouth="oh", brows=8,
         right=Arm(34, -26, "fist"), left=Arm(40, 20), right_foot=Foot(-106, 268, tip=30),
         left_foot=Foot(96, 282, tip=-16), bag_swing=-24, bag_behind=True, sway=-18, wind=-1.0,
         bird=Bird(1085, 215, 0.9, tilt=-14, wing=0.9)),
    Pose(8, 760, 712, lean=-6, yaw=20, pitch=14, nod=-5, turn=0.35, gaze=(0.6, -0.8),
         mouth="open", brows=10, right=Arm(30, 14, "open"), left=Arm(58, 64, "open"),
         right_foot=Foot(-58), left_foot=Foot(46, tip=-4), bag_swing=-14, bag_behind=True,
         sway=14, wind=0.5, bird=Bird(1030, 250, 0.95, tilt=-8, wing=-0.3)),
    Pose(9, 735, 708, lean=-8, yaw=4, pitch=6, nod=-7, turn=0.1, gaze=(0.6, -0.5), mouth="grin",
         brows=8, left=Arm(68, 158, "open", twist=8, over_face=True), right=Arm(36, 22),
         bag_swing=6, sway=10, wind=0.2,
         bird=Bird(985, 225, 1.0, tilt=6, wing=0.8, singing=True)),
    Pose(11, 715, 712, roll=-12, lean=-12, yaw=-8, nod=-8, gaze=(0.4, -0.2), eyes="happy",
         mouth="open", brows=10, left=Arm(112, 52, "open", twist=10, over_face=True),
         right=Arm(50, 36, "open"), right_foot=Foot(-20, 296, tip=10),
         left_foot=Foot(84, 262, tip=-24), bag_swing=18, sway=-2, wind=0.8,
         bird=Bird(1010, 300, 1.0, tilt=-10, wing=-0.5, singing=True)),
    Pose(12, 690, 862, stretch=0.92, lean=0, yaw=-14, pitch=-8, nod=4, gaze=(-0.2, -0.7),
         mouth="flat", brows=-3, left=Arm(46, 40, "fist"), right=Arm(46, 40, "fist"),
         right_foot=Foot(-66, 146, tip=-4), left_foot=Foot(66, 146, tip=4), bag_swing=-6,
         sway=0, wind=0.1, bird=Bird(975, 230, 0.95, tilt=0, wing=0.6)),
    Pose(14, 610, 640, roll=-22, stretch=1.07, lean=-4, yaw=-20, pitch=10, nod=-6, turn=-0.2,
         gaze=(-0.4, -0.5), mouth="open", brows=10, right=Arm(112, 24, "open"),
         left=Arm(40, 20, "fist"), right_foot=Foot(-20, 300, tip=36),
         left_foot=Foot(70, 240, tip=40), bag_swing=34, sway=12, wind=0.6, cap_lift=26,
         bird=Bird(880, 165, 0.95, tilt=-18, wing=-0.6)),
    Pose(15, 500, 650, roll=14, lean=4, yaw=-26, pitch=4, nod=6, turn=-0.5, eyes="happy",
         mouth="grin", brows=10, right=Arm(122, 40, "open"), left=Arm(124, 30, "open"),
         right_foot=Foot(-78, 196, tip=20), left_foot=Foot(50, 214, tip=52), bag_swing=-38,
         bag_behind=True, sway=-14, wind=1.0, cap_lift=64,
         bird=Bird(850, 150, 1.0, tilt=12, wing=1.0, singing=True)),
    Pose(17, 430, 868, stretch=0.9, lean=6, yaw=-18, pitch=-10, nod=-3, turn=-0.3, eyes="shut",
         mouth="flat", brows=-2, right=Arm(70, 10, "open"), left=Arm(64, 22, "open"),
         right_foot=Foot(-84, 142, tip=-6), left_foot=Foot(76, 142, tip=6), bag_swing=26,
         sway=10, wind=0.9, cap_lift=8, bird=Bird(720, 260, 1.0, tilt=10, wing=0.2)),
    Pose(18, 470, 735, zoom=1.08, lean=-3, yaw=6, nod=6, turn=-0.05, gaze=(0.5, -0.8),
         mouth="oh", brows=6, right=Arm(20, 12), left=HOLD_STRAP, right_foot=Foot(-44, tip=-3),
         left_foot=Foot(40, tip=3), bag_swing=-12, sway=-6, wind=-0.2,
         bird=Bird(600, 165, 1.05, tilt=8, wing=0.9)),
    Pose(20, 560, 985, zoom=1.42, lean=2, yaw=-12, pitch=4, nod=-9, turn=-0.1, gaze=(0.4, -0.5),
         mouth="grin", brows=6, right=Arm(26, 10),
         left=Arm(72, 100, "open", twist=-6, over_face=True), bag_swing=6, sway=4, wind=0.4,
         bird=Bird(335, 170, 1.35, tilt=-10, wing=-0.4)),
    Pose(22, 560, 1180, zoom=1.75, lean=-2, yaw=14, pitch=0, nod=7, turn=0.1, eyes="wink",
         gaze=(-0.1, 0), mouth="open", brows=8,
         right=Arm(62, 152, "open", twist=-6, over_face=True), left=Arm(28, 12), bag_swing=-8,
         sway=-6, wind=-0.5, bird=Bird(985, 300, 1.55, tilt=12, wing=-1.0, singing=True)),
    Pose(24, 620, 1290, zoom=2.1, roll=4, yaw=-3, nod=4, turn=0.0, mouth="grin", brows=4,
         right=HOLD_STRAP, left=Arm(30, 16), bag_swing=0, sway=2, wind=0.25,
         bird=Bird(640, 62, 1.75, tilt=0, wing=-1.0)),
)
# fmt: on
