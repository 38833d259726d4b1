"""``make demo``: tell the story, then keep the server up; ``ONCE=1`` ends with exit code 0 or 1.

FUJIE_PORT   the server's port, 8750
ONCE         1: check everything and leave
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from sync_server.demo import STAFF
from tests.demo.programs import Failed
from tests.demo.story import Story

FOLDER = Path("build/demo")


def main() -> int:
    """Tell it. 0 when every check holds, 1 when one does not."""
    # Told to end by a signal, it ends what it started, as it does at Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    story = Story(FOLDER.resolve(), int(os.environ.get("FUJIE_PORT") or "8750"))
    try:
        story.tell()
    except Failed as fault:
        story.teller.fail(str(fault))
        story.leave()
        return 1
    except BaseException:
        story.leave()
        raise
    say = story.teller.say
    say(f"全部成立 every check holds · {story.teller.seconds:.0f} s")
    say(f"{len(story.shots)} 张画面、{len(story.pdfs)} 份 PDF、case.zip 和 trust.json 在 {FOLDER}/")
    if os.environ.get("ONCE"):
        story.leave()
        return 0
    say(f"公示 {story.server.address}/    办案 {story.server.address}/office")
    for one in STAFF:
        say(f"{one.name}（{one.role.zh}）  {one.account}  {one.password}")
    say("Ctrl-C 结束。Press Ctrl-C to end.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return 0
    finally:
        story.leave()


if __name__ == "__main__":
    sys.exit(main())
