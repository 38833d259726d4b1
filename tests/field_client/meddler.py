"""What lies between tablet and server, and can cut, alter and answer."""

from __future__ import annotations

from collections.abc import Callable

import httpx


class Meddler(httpx.BaseTransport):
    """What lies between tablet and server. ``answer`` may replace any answer; what it is shown is
    unpacked, with the bytes as they came in ``extensions["raw"]``. ``chunks`` are offset and length
    of each chunk that was to go."""

    def __init__(self) -> None:
        self._tcp = httpx.HTTPTransport(verify=False)  # plain HTTP: no authorities are read
        self.unplugged = False
        self.answer: Callable[[httpx.Request, httpx.Response], httpx.Response | None] | None = None
        self.asked: list[str] = []
        self.chunks: list[tuple[int, int]] = []
        self.faults: list[Exception] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.method} {request.url.path}")
        request.read()  # so that it can be looked into
        if request.method == "PATCH":
            self.chunks.append((int(request.headers["upload-offset"]), len(request.content)))
        if self.unplugged:
            raise httpx.ConnectError("unplugged", request=request)
        response = self._tcp.handle_request(request)
        if self.answer is not None:
            raw = b"".join(response.iter_raw())
            status, headers = response.status_code, response.headers
            readable = httpx.Response(
                status, headers=headers, content=raw, request=request, extensions={"raw": raw}
            )
            try:
                made = self.answer(request, readable)
                if made is None or made is readable:
                    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(raw))
                return made
            except httpx.TransportError:
                raise
            except Exception as fault:  # the test's own fault, which the product would survive
                self.faults.append(fault)
                raise
        return response

    def close(self) -> None:
        self._tcp.close()


def reconnected(old: Meddler) -> Meddler:
    """A meddler with fresh connections and the old one's habits."""
    new = Meddler()
    new.unplugged, new.answer = old.unplugged, old.answer
    new.asked, new.faults, new.chunks = old.asked, old.faults, old.chunks
    return new
