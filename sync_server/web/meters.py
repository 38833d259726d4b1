"""What the server counts about itself, as Prometheus reads it (text format 0.0.4).

    fujie_http_requests_total{part="tablets",status="2xx"} 1042
    fujie_http_seconds_bucket{part="tablets",le="0.1"} 1017
    fujie_log_entries 55310

Counters live as long as the process does. No label names a person, a case or a device: parts of
the server and classes of answers alone.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

BUCKETS = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0)
"""Seconds; what took longer is in ``+Inf`` alone."""
_PARTS = (("/v1/", "tablets"), ("/log/", "log"), ("/office", "office"), ("/supervision", "office"))
_PUBLIC = "public"
_WATCHING = ("/health", "/ready", "/metrics")


class Meters:
    """Counters of one server; safe for use by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: Counter[tuple[str, str]] = Counter()
        self._buckets: Counter[tuple[str, float]] = Counter()
        self._seconds: Counter[str] = Counter()
        self.commits = 0

    def committed(self) -> None:
        """The log's writer has committed once more; it calls this itself."""
        self.commits += 1

    def answered(self, path: str, status: int, seconds: float) -> None:
        """A request was answered; of the path only its part of the server is kept."""
        part = next((name for start, name in _PARTS if path.startswith(start)), _PUBLIC)
        with self._lock:
            self._answers[part, f"{status // 100}xx"] += 1
            self._seconds[part] += seconds  # type: ignore[assignment]
            for bound in BUCKETS:
                self._buckets[part, bound] += seconds <= bound

    def lines(self, gauges: Mapping[str, float]) -> Iterator[str]:
        """All of it, with what stands now (``gauges``: name without prefix, value)."""
        with self._lock:
            answers, buckets = dict(self._answers), dict(self._buckets)
            seconds = dict(self._seconds)
        yield "# TYPE fujie_http_requests_total counter"
        for (part, status), count in sorted(answers.items()):
            yield f'fujie_http_requests_total{{part="{part}",status="{status}"}} {count}'
        yield "# TYPE fujie_http_seconds histogram"
        for part, total in sorted(seconds.items()):
            count = sum(n for (name, _), n in answers.items() if name == part)
            for bound in BUCKETS:
                at = buckets[part, bound]
                yield f'fujie_http_seconds_bucket{{part="{part}",le="{bound}"}} {at}'
            yield f'fujie_http_seconds_bucket{{part="{part}",le="+Inf"}} {count}'
            yield f'fujie_http_seconds_sum{{part="{part}"}} {total:.6f}'
            yield f'fujie_http_seconds_count{{part="{part}"}} {count}'
        yield "# TYPE fujie_log_commits_total counter"
        yield f"fujie_log_commits_total {self.commits}"
        for name, value in sorted(gauges.items()):
            yield f"# TYPE fujie_{name} gauge"
            yield f"fujie_{name} {value:g}" if value < 1e6 else f"fujie_{name} {value:.0f}"


def measuring(app: ASGIApp, meters: Meters) -> ASGIApp:
    """``app``, with every answer counted but those to who watches."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["path"] in _WATCHING:
            await app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await app(scope, receive, note)
        finally:
            meters.answered(scope["path"], status, time.perf_counter() - began)

    return handle
