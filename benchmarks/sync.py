"""Sync on bad lines: a day of records over a slow one, a long video over one that is cut.

$ python -m benchmarks.sync
  link     seconds 6.0, allowed_seconds 6.3, wire_by_raw 0.35, …       ``_link.py``
  video    …                                                           ``_video.py``
"""

from __future__ import annotations

from benchmarks import _link, _video
from benchmarks._timing import keep


def main() -> None:
    """Measure both, and keep the figures."""
    keep("sync", {"link": _link.figures(), "video": _video.figures()})


if __name__ == "__main__":
    main()
