"""What may be kept as evidence, and what a photograph says of itself. Pure."""

import io
import warnings
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pillow_heif
from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image, ImageOps

from bihuan.core.days import HERE
from bihuan.core.refusals import Refused

pillow_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = 50_000_000

MAX_BYTES = 20 * 1024 * 1024
SHOWN_PIXELS = 1600
PHOTO_FORMATS = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "HEIF": "image/heif",
    "WEBP": "image/webp",
}
MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
OFFICE = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
OLD_OFFICE = {".xls": "application/vnd.ms-excel", ".doc": "application/msword"}
DOCUMENTS = {
    "application/pdf": {".pdf"},
    "application/zip": set(OFFICE),
    "application/x-ole-storage": set(OLD_OFFICE),
}


@dataclass(frozen=True)
class Photo:
    """A photograph: the copy pages show, and what the camera wrote.

    taken_at is the camera's clock read as China time; lat and lng are degrees WGS-84.
    """

    shown: bytes
    mime: str
    taken_at: datetime | None
    lat: Decimal | None
    lng: Decimal | None


def read_photo(content: bytes) -> Photo | None:
    """Return the photograph in content, or None if it is no picture.

    Raises Refused where it is a picture that is broken, or so large when unpacked
    that it could only be meant to harm.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(content)) as probe:
                if probe.format not in PHOTO_FORMATS:
                    return None
                mime = PHOTO_FORMATS[probe.format]
                probe.verify()
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
            raise Refused(_("This picture is too large: at most 50 million pixels.")) from bomb
        except Exception:  # noqa: BLE001  whatever Pillow cannot open is no picture
            return None
        try:
            with Image.open(io.BytesIO(content)) as image:
                exif = image.getexif()
                shown = _shown(image)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
            raise Refused(_("This picture is too large: at most 50 million pixels.")) from bomb
        except Exception as broken:
            raise Refused(_("This picture is damaged. Take or choose it again.")) from broken
    lat, lng = _place(exif)
    return Photo(shown, mime, _taken(exif), lat, lng)


def document_type(name: str, content: bytes) -> str:
    """Return the type of a document whose name and first bytes agree; Refused otherwise."""
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    for magic, kind in MAGIC:
        if content.startswith(magic) and ending in DOCUMENTS[kind]:
            return {**OFFICE, **OLD_OFFICE}.get(ending, kind)
    raise Refused(
        _(
            "This file is not one that can be kept. Use a photo (JPEG, PNG, HEIC), PDF, Word or Excel."
        )
    )


def path_of(zone_id: UUID, digest: str) -> str:
    """Return where the bytes with this SHA-256 lie in the store."""
    return f"{zone_id}/{digest[:2]}/{digest}"


def _shown(image: Image.Image) -> bytes:
    """Return the picture turned upright, shrunk and stripped of all it says of itself."""
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((SHOWN_PIXELS, SHOWN_PIXELS))
    out = io.BytesIO()
    upright.convert("RGB").save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


def _taken(exif: Image.Exif) -> datetime | None:
    detail = exif.get_ifd(ExifTags.IFD.Exif)
    text = str(detail.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime) or "")
    try:
        return datetime.strptime(text.strip("\x00 "), "%Y:%m:%d %H:%M:%S").replace(tzinfo=HERE)
    except ValueError:
        return None


def _place(exif: Image.Exif) -> tuple[Decimal | None, Decimal | None]:
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    try:
        lat = _degrees(gps[ExifTags.GPS.GPSLatitude], gps[ExifTags.GPS.GPSLatitudeRef], "S")
        lng = _degrees(gps[ExifTags.GPS.GPSLongitude], gps[ExifTags.GPS.GPSLongitudeRef], "W")
    except (KeyError, ValueError, ZeroDivisionError, TypeError, ArithmeticError):
        return None, None
    return (lat, lng) if abs(lat) <= 90 and abs(lng) <= 180 else (None, None)


def _degrees(parts: Any, side: str, negative: str) -> Decimal:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return Decimal(f"{-value if side == negative else value:.6f}")
