"""SVG to PNG, and many of them to an animated GIF.

Text is set in DejaVu Sans where the machine has it (Debian: fonts-dejavu-core), else in what it
has; without any font the pictures have no text. Nothing else outside the SVG is read.
"""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import resvg_py
from PIL import Image, ImageColor

DEJAVU = Path("/usr/share/fonts/truetype/dejavu")
FONTS = [str(DEJAVU / name) for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")]
GIF_WIDTH = 600
SHADES = (1.0, 0.84, 0.68, 0.52, 0.4, 0.28, 0.14)
STEP_MILLISECONDS, LAST_MILLISECONDS = 900, 2400
# Which program draws: part of what a picture depends on.
VERSION = f"resvg-py {resvg_py.__version__}"


def to_png(svg: str, width: int | None = None) -> bytes:
    """The SVG as PNG, `width` pixels wide (None: its own size)."""
    known = all(Path(font).is_file() for font in FONTS)
    return resvg_py.svg_to_bytes(
        svg_string=svg, width=width, skip_system_fonts=known, font_files=FONTS if known else None
    )


def to_gif(svgs: Iterable[str], inks: Iterable[str], grounds: Sequence[str]) -> bytes:
    """The SVGs, one or more, as the frames of an endless GIF, GIF_WIDTH pixels wide.

    inks and grounds: the colours that occur, as #rrggbb. All frames share one palette, of the
    grounds and of every ink at SHADES of its strength on the first of them, so nothing flickers.
    """
    palette = _palette(inks, grounds)
    drawn = [_frame(to_png(svg, GIF_WIDTH), palette) for svg in svgs]
    file = io.BytesIO()
    drawn[0].save(
        file,
        format="GIF",
        save_all=True,
        append_images=drawn[1:],
        duration=[STEP_MILLISECONDS] * (len(drawn) - 1) + [LAST_MILLISECONDS],
        loop=0,
        optimize=False,
    )
    return file.getvalue()


def _frame(png: bytes, palette: Image.Image) -> Image.Image:
    with Image.open(io.BytesIO(png)) as image:
        return image.convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE)


def _palette(inks: Iterable[str], grounds: Sequence[str]) -> Image.Image:
    solid = [ImageColor.getrgb(ground)[:3] for ground in grounds]
    drawn = [ImageColor.getrgb(ink)[:3] for ink in inks]
    mixed = [
        round(part * shade + ground * (1 - shade))
        for colour in drawn
        for shade in SHADES
        for part, ground in zip(colour, solid[0], strict=True)
    ]
    palette = Image.new("P", (1, 1))
    palette.putpalette([*(part for colour in solid for part in colour), *mixed])
    return palette
