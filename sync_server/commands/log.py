"""The log and who watches it: witnesses.

$ fujie-server witness logs.json --name witness.example/w1
http://127.0.0.1:8750  witness.example/w1+8d66cf3f+BAbC…
"""

from __future__ import annotations

from pathlib import Path

import uvicorn

from sync_server.clock import system_clock
from sync_server.commands import Adder, Say, command
from sync_server.settings import Settings
from sync_server.witness.app import make_witness_app
from sync_server.witness.store import watching


def add(add_parser: Adder) -> None:
    """Declare the commands of this module."""
    one = add_parser("witness", help="cosign the checkpoints of other people's logs")
    one.add_argument("logs", type=Path, help="a JSON file; docs/operating.md has an example")
    one.add_argument("--name", required=True, help="the witness's name, such as witness.example/w1")
    command(one, lambda s, a, say: witness(s, a.logs, a.name, say))


def witness(settings: Settings, logs: Path, name: str, say: Say) -> int:
    """Serve as a witness until a signal ends it."""
    with watching(settings.data, name, logs, system_clock()) as running:
        say(f"{settings.address}  {running.key.text()}")
        uvicorn.run(
            make_witness_app(running),
            host=settings.host,
            port=settings.port,
            log_level="warning",
            timeout_graceful_shutdown=5,
        )
    return 0
