"""What listens: the web server over an application, loaded by those commands alone that serve.

A command that founds, enrols or checks needs no pages, and is there a second sooner without them;
``make_app`` and ``make_witness_app`` are imported where they are called for the same reason.
"""

from __future__ import annotations

from typing import Any

from sync_server.settings import Settings


def listen(app: Any, settings: Settings) -> None:
    """Answer requests to an ASGI application until a signal ends it."""
    import uvicorn

    from sync_server.app import KEEP_S, LEAVE_S

    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        timeout_graceful_shutdown=LEAVE_S,
        timeout_keep_alive=KEEP_S,
    )
