"""Pictures: read once in full and written anew, so that only the picture itself is kept."""

import struct
import warnings
from io import BytesIO
from zipfile import is_zipfile

from PIL import Image, ImageFile, ImageOps
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from .enums import FileFault
from .errors import FileRefused

PIXELS = 40_000_000  # 160 MB once unpacked; a phone takes 12 million, a good camera 36
# Each kind by its own reader: a phone's JPEG with a second picture behind it (MPO) is the first of them.
_READERS = {"image/png": PngImageFile, "image/jpeg": JpegImageFile}
# What the library raises on bytes that are not what they claim to be.
_TOO_LARGE = Image.DecompressionBombError
_BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, AttributeError, ArithmeticError, struct.error,
    _TOO_LARGE,
)  # fmt: skip


def _written(picture: Image.Image, content_type: str) -> bytes:
    buffer = BytesIO()
    if content_type == "image/png":
        modes = ("1", "L", "LA", "P", "RGB", "RGBA")
        plain = picture if picture.mode in modes else picture.convert("RGBA")
        plain.info = {k: v for k, v in plain.info.items() if k == "transparency"}
        plain.save(buffer, "PNG")
    else:
        plain = picture if picture.mode in ("L", "RGB") else picture.convert("RGB")
        plain.info = {}
        plain.save(buffer, "JPEG", quality=90, exif=b"")
    return buffer.getvalue()


def clean_image(content: bytes, content_type: str) -> bytes:
    """Return the upright picture without place, author or camera; raises FileRefused.

    The size is read from the header before anything is unpacked.
    """
    if is_zipfile(BytesIO(content)):
        raise FileRefused(FileFault.DOUBLE)
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # a picture cut off is refused, whatever another library switched on
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the pixels are counted here, and odd metadata is dropped
            with _READERS[content_type](BytesIO(content)) as picture:
                if picture.width * picture.height > PIXELS:
                    raise FileRefused(FileFault.PIXELS)
                picture.load()
                return _written(ImageOps.exif_transpose(picture), content_type)
    except _BROKEN as error:
        bomb = isinstance(error, _TOO_LARGE)
        raise FileRefused(FileFault.PIXELS if bomb else FileFault.DAMAGED) from error
