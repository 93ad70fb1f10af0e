"""Puts the character and her companion together, back to front."""

from __future__ import annotations

from .body import Body
from .canvas import Canvas, Frame
from .geometry import closed, ellipse, rotate, scale, spline, translate
from .head import Head
from .poses import Bird, Pose

FINE_BIRD = 2.8


def draw(pose: Pose, height: int, width: int) -> Frame:
    """Draw one frame of the cut."""
    canvas = Canvas(height, width)
    squash = pose.stretch**-0.6
    root = (
        translate(pose.x, pose.y)
        @ rotate(pose.roll)
        @ scale(pose.zoom * squash, pose.zoom * pose.stretch)
    )
    body = Body(canvas, pose, root)
    neck = body.torso @ translate(pose.turn * 12, -206)
    head = Head(canvas, pose, neck @ rotate(pose.nod) @ translate(0, -124))
    body.draw_scarf_tail()
    head.draw_back_hair()
    if pose.bag_behind:
        body.draw_bag()
    turned = abs(pose.turn) > 0.25
    if turned and not body.arm(body.far).over_face:
        body.draw_arm(body.far)
    for side in (body.far, body.near):
        body.draw_leg(side)
    body.draw_coat()
    body.draw_strap()
    if not pose.bag_behind:
        body.draw_bag()
    high = [side for side in ("right", "left") if body.arm(side).is_high]
    low = [side for side in (body.far, body.near) if side not in high]
    for side in low:
        if not (turned and side == body.far):
            body.draw_arm(side)
    body.draw_neck()
    body.draw_collar()
    for side in high:
        if not body.arm(side).over_face and not (turned and side == body.far):
            body.draw_arm(side)
    body.draw_scarf()
    head.draw()
    for side in high:
        if body.arm(side).over_face:
            body.draw_arm(side)
    if pose.bird is not None:
        draw_bird(canvas, pose.bird)
    return canvas.finish()


def draw_bird(canvas: Canvas, bird: Bird) -> None:
    """Draw the round bird that keeps the courier company."""
    place = translate(bird.x, bird.y) @ rotate(bird.tilt) @ scale(bird.size, bird.size)
    tail = closed([(44, 12), (84, 0), (92, 14), (80, 22), (86, 34), (44, 34)], [1, 2, 3, 4])
    canvas.part("bird_tail", "bird_wing", place.shape([tail]))
    if bird.wing > -0.9:
        far = place @ translate(-14, -20) @ rotate(52 * bird.wing + 12)
        wing = closed(
            [
                (4, -14),
                (-38, -28),
                (-96, -16),
                (-78, -2),
                (-80, 6),
                (-58, 8),
                (-54, 17),
                (-20, 18),
                (6, 14),
            ],
            [2, 3, 4, 5, 6],
        )
        canvas.part("bird_wing_far", "bird_wing", far.shape([wing]))
    for x in (-14, 12):
        for dx in (-7, 0, 7):
            toe = spline([(x, 50), (x + dx * 0.5, 60), (x + dx, 68)])
            canvas.stroke(place.points(toe), 3.2, (1, 0.7))
    round_body = closed(
        [(-58, 6), (-48, -38), (0, -56), (46, -40), (60, 4), (46, 46), (0, 58), (-46, 48)]
    )
    shade = closed([(70, -30), (30, 6), (0, 28), (-40, 34), (-70, 40), (-60, 80), (80, 80)])
    body = canvas.part("bird_body", "bird", place.shape([round_body]), shade=place.shape([shade]))
    canvas.part(
        "bird_cheek", "blush", place.shape([ellipse(-8, -2, 10, 6.5)]), within=body, width=2.2
    )
    canvas.ink(place.shape([ellipse(-14, -20, 6.5, 8)]))
    if bird.singing:
        canvas.part(
            "beak_inside",
            "beak_inside",
            place.shape([closed([(-48, -10), (-74, -12), (-66, 8), (-46, 4)], [1, 2])]),
            width=FINE_BIRD,
        )
        lower = closed([(-48, 2), (-68, 9), (-50, 14), (-40, 8)], [1])
        upper = closed([(-44, -20), (-62, -22), (-80, -12), (-60, -8), (-42, -6)], [2])
        canvas.part("beak_lower", "beak", place.shape([lower]), width=FINE_BIRD)
        canvas.part("beak", "beak", place.shape([upper]), width=FINE_BIRD)
    else:
        beak = closed([(-46, -18), (-62, -17), (-78, -6), (-60, 0), (-44, 0)], [2])
        canvas.part("beak", "beak", place.shape([beak]), width=FINE_BIRD)
    beat = 8.0 if bird.wing <= -0.9 else -22 - 46 * bird.wing
    near = place @ translate(20, 2) @ rotate(beat)
    wing = closed(
        [
            (-14, -4),
            (2, -20),
            (44, -28),
            (100, -10),
            (84, 2),
            (86, 10),
            (64, 12),
            (60, 21),
            (14, 20),
        ],
        [3, 4, 5, 6, 7],
    )
    canvas.part(
        "bird_wing",
        "bird_wing",
        near.shape([wing]),
        shade=near.shape([closed([(-10, 8), (30, 2), (90, -6), (90, 40), (-10, 40)])]),
    )
