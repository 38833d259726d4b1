"""What the office's people do in their browser: sign in, publish with a second person, archive."""

from __future__ import annotations

import re

import httpx

from tests.demo.proof import expect

HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"')

TAGS = re.compile(r"<svg.*?</svg>|<[^>]*>", flags=re.DOTALL)


class Clerk:
    """One person at the office's pages, by plain HTTP forms."""

    def __init__(self, address: str, account: str, password: str) -> None:
        self._http = httpx.Client(
            base_url=address, follow_redirects=True, timeout=60, headers={"origin": address}
        )
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

    def draft(self, case: str, record: str) -> str:
        """Draft the publication of a decision. The row of the publication matrix, its clause and
        the clock, as the page states them."""
        form = f"/office/cases/{case}/publish/{record}"
        facts = re.findall(r"<dt>[^<]*</dt><dd>(.*?)</dd>", self.see(form), flags=re.DOTALL)
        self.submit(form, form, password=self.password)
        return " · ".join(" ".join(TAGS.sub(" ", one).split()) for one in facts[:3])

    def confirm(self, record: str) -> None:
        """Confirm another person's draft: both texts compared, signed with the own key."""
        form = f"/office/publishing/{record}"
        self.submit(form, form, password=self.password, reviewed="on", answer="confirm")

    def withdraw(self, case: str, record: str, reason: str) -> None:
        """Take a publication down, with the reason that the public reads."""
        form = f"/office/cases/{case}/withdraw/{record}"
        clause = re.search(r'name="clause" value="([^"]*)"', self.see(form))
        expect(clause, "the form should name the clause")
        assert clause is not None
        self.submit(form, form, password=self.password, reason=reason, clause=clause[1])

    def archive(self, case: str) -> list[str]:
        """Seal the case file with the archivist's key. The lines of the closing gate, all of
        which must hold."""
        form = f"/office/cases/{case}/archive"
        gate = re.search(r'<ul class="checks">.*?</ul>', self.see(form), flags=re.DOTALL)
        expect(gate, "the archive's page should show its gate")
        assert gate is not None
        lines = [
            " ".join(TAGS.sub(" ", one).split())
            for one in re.findall(r"<li>.*?</li>", gate[0], flags=re.DOTALL)
        ]
        expect(lines and 'class="bad"' not in gate[0], f"the gate should be open: {lines}")
        self.submit(form, form, password=self.password, retention="years_30")
        return lines

    def close(self) -> None:
        """Leave."""
        self._http.close()
