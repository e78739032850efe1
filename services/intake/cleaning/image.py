"""Pictures: decoded and encoded anew. EXIF, GPS, comments, colour profiles, thumbnails, appended bytes stay behind."""

import warnings
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from services.intake.cleaning import Unclean

PIXELS = 50_000_000
"""A picture of more is refused before it is decoded: 50 million are 200 MB in memory."""

FORMATS = {
    "jpeg": ("JPEG", "image/jpeg"),
    "png": ("PNG", "image/png"),
    "webp": ("WEBP", "image/webp"),
    "heic": ("HEIF", "image/jpeg"),
}
_MODES = {"1": "L", "L": "L", "LA": "RGBA", "P": "RGBA", "PA": "RGBA", "RGBA": "RGBA", "I;16": "L", "I": "L"}


def clean(family: str, source: Path, target: Path) -> str:
    """Write the picture anew, upright as its EXIF says; gives its media type. Raises Unclean.

    What an iPhone takes (HEIC) becomes a JPEG, which every browser in an office shows.
    """
    name, media_type = FORMATS[family]
    if name == "HEIF":
        import pi_heif  # 4 MB, and only here

        pi_heif.register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow only warns of a picture up to twice over the bound
            with Image.open(source, formats=(name,)) as given:
                if given.width * given.height > PIXELS:
                    raise Image.DecompressionBombError
                if name != "JPEG" and getattr(given, "n_frames", 1) > 1:
                    raise Unclean("it is an animation", "send single pictures, or a video")
                upright = ImageOps.exif_transpose(given)
                fresh = _without_anything(upright)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unclean(f"it has more than {PIXELS // 1_000_000} million pixels", "send it smaller") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, IndexError, TypeError, Warning):
        raise Unclean("the picture is broken", "open it, save it anew and send that") from None
    if media_type == "image/jpeg":
        fresh.convert("RGB" if fresh.mode != "L" else "L").save(target, "JPEG", quality=90, optimize=True)
    elif name == "WEBP":
        fresh.save(target, name, quality=90, method=4)
    else:
        fresh.save(target, name, optimize=True)
    return media_type


def _without_anything(picture: Image.Image) -> Image.Image:
    """The pixels alone: a new picture that has no `info` to carry into a file."""
    mode = _MODES.get(picture.mode, "RGB")
    if picture.mode.startswith("I"):  # 16 bits a pixel: scale, since a conversion would cut off what is bright
        picture = picture.convert("I").point(lambda value: value / 256)
    pixels = picture.convert(mode)
    fresh = Image.new(mode, pixels.size)
    fresh.paste(pixels)
    return fresh
