"""Drawn stand-ins for photographs: plainly no photographs, and plainly before or after."""

import io
from random import Random

from PIL import Image, ImageDraw

SIZE = (640, 480)
KEPT = (400, 300)
WALL, FLOOR = (226, 224, 216), (168, 160, 148)
BOX, DOOR, GOOD, BAD = (178, 134, 84), (96, 140, 110), (47, 158, 68), (224, 49, 49)


def evidence(number: int, *, after: bool) -> bytes:
    """Return a JPEG of scene number, with things in the way (before) or put right (after)."""
    chance = Random(number)  # noqa: S311  the same scene before and after
    image = Image.new("RGB", SIZE, WALL)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 330, 640, 480), fill=FLOOR)
    left = chance.randrange(80, 360)
    draw.rectangle((left, 120, left + 150, 340), fill=DOOR, outline=(60, 80, 66), width=4)
    draw.ellipse((left + 124, 226, left + 138, 240), fill=(230, 210, 120))
    if not after:
        for _ in range(4):
            x, y, side = (
                left + chance.randrange(-30, 120),
                chance.randrange(250, 330),
                chance.randrange(60, 110),
            )
            draw.rectangle((x, y, x + side, y + side), fill=BOX, outline=(110, 80, 46), width=3)
    draw.rectangle((0, 0, 640, 34), fill=GOOD if after else BAD)
    draw.text((12, 10), f"DEMO  scene {number:02d}  {'AFTER' if after else 'BEFORE'}", fill="white")
    return _jpeg(image)


def signature(number: int) -> bytes:
    """Return a scribble that stands for a signature."""
    chance = Random(1000 + number)  # noqa: S311  the same hand every time
    image = Image.new("RGB", (400, 160), "white")
    draw = ImageDraw.Draw(image)
    points = [(20 + step * 18, 80 + chance.randrange(-45, 45)) for step in range(20)]
    draw.line(points, fill=(20, 30, 90), width=4, joint="curve")
    return _jpeg(image)


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.resize(KEPT).save(out, "JPEG", quality=80)
    return out.getvalue()
