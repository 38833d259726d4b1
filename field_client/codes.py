"""The QR code in a camera's picture, if there is one.

read_code(640, 360, rgb)        # 'HTTPS://LOG.YUNXI.EXAMPLE/V/…' or None
"""

from __future__ import annotations

import zxingcpp


def read_code(width: int, height: int, rgb: bytes) -> str | None:
    """The text of the first QR code in a picture of packed RGB (``width * height * 3`` bytes,
    top row first); None when none can be read."""
    picture = memoryview(rgb).cast("B", (height, width, 3))
    only = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    found = zxingcpp.read_barcodes(picture, formats=only)
    return next((code.text for code in found if code.text), None)
