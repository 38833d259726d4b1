"""What the office's people do in their browser: sign in, publish with a second person, archive."""

from __future__ import annotations

import re

import httpx

from tests.demo.proof import expect

HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"')


class Clerk:
    """One person at the office's pages, by plain HTTP forms."""

    def __init__(self, address: str, account: str, password: str) -> None:
        self._http = httpx.Client(base_url=address, follow_redirects=True, timeout=60)
        self.account, self.password = account, password

    def sign_in(self) -> None:
        """With account and password."""
        self.submit("/office/login", "/office/login", account=self.account, password=self.password)

    def see(self, path: str) -> str:
        """A page of the office."""
        answer = self._http.get(path)
        expect(answer.status_code == 200, f"{path} answered {answer.status_code}: {answer.text}")
        return answer.text

    def submit(self, form: str, action: str, **fields: str) -> str:
        """Fill in the form on a page and send it, with the hidden fields that it brought."""
        hidden = dict(
            re.findall(
                r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', self.see(form)
            )
        )
        answer = self._http.post(action, data={**hidden, **fields})
        expect(
            answer.status_code == 200,
            f"{action} answered {answer.status_code}: {answer.text[:800]}",
        )
        return answer.text

    def close(self) -> None:
        """Leave."""
        self._http.close()
