"""Put each program's `--help` into README.md between its markers, so that neither can drift.

$ .venv/bin/python packaging/readme_help.py            rewrites README.md
$ .venv/bin/python packaging/readme_help.py --check    exits 1 if that would change it
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"
PROGRAMS = {
    "fujie-verify": "protocol",
    "fujie-field": "field_client",
    "fujie-server": "sync_server",
}


def shown_help(package: str) -> str:
    """What `python -m <package> --help` prints at 80 columns."""
    env = os.environ | {"COLUMNS": "80", "NO_COLOR": "1", "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", package, "--help"]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


def with_help(text: str) -> str:
    """The README with every block between `<!-- help:NAME -->` and `<!-- /help -->` made anew."""
    for program, package in PROGRAMS.items():
        block = f"```text\n$ {program} --help\n{shown_help(package).rstrip()}\n```"
        marked = re.compile(rf"(<!-- help:{program} -->\n).*?(\n<!-- /help -->)", re.DOTALL)
        text, count = marked.subn(lambda found, block=block: found[1] + block + found[2], text)
        if count != 1:
            raise SystemExit(f"expected one block help:{program} in README.md, got {count}; add it")
    return text


def main() -> int:
    """Rewrite README.md, or only say whether it is up to date."""
    before = README.read_text(encoding="utf-8")
    after = with_help(before)
    if "--check" not in sys.argv:
        README.write_text(after, encoding="utf-8")
        return 0
    if before != after:
        print("README.md differs from --help; run packaging/readme_help.py", file=sys.stderr)
    return int(before != after)


if __name__ == "__main__":
    sys.exit(main())
