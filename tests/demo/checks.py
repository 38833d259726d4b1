"""The end of the story: the supervisor, the citizen and the court look at what was left.

Each of them has only what such people get: a report, a page, a picture of a code, a file.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from sync_server.demo import DEVICE, OFFICERS
from tests.demo import proof
from tests.demo.cast import PARTY, PINS, SECRET_WORDS
from tests.demo.programs import Server, Tablet
from tests.demo.proof import expect
from tests.demo.told import Teller
from tests.demo.witness import NAME


class Checks:
    """What is checked of a story that was told."""

    folder: Path
    server: Server
    teller: Teller
    case: str
    decision: str
    pdfs: dict[str, str]

    @property
    def tablet_at_work(self) -> Tablet:
        """The tablet that is running."""
        raise LookupError("expected a tablet, got none; start one first")

    def supervise(self) -> None:
        with self.teller.step("监督", "complete; and what a removed fact shows"):
            self._expect_complete()
            for part in ("link", "statement", "entry"):
                self._expect_gap(part)

    def citizen(self) -> None:
        with self.teller.step("公众核验", "codes on screen and PDF lead to pages that verify"):
            self._scan_card()
            self._scan_document()
            self._read_decision()

    def court(self) -> None:
        with self.teller.step("法庭核验", "the exported file verifies with nothing but two keys"):
            file, trust = self.folder / "case.zip", self.folder / "trust.json"
            self.server.run("export", self.case, str(file))
            self.server.run("trust", str(trust))
            self._expect_verified(file, trust)
            self._expect_refused(file, trust)
            for scratch in ("pages", "tampered"):
                shutil.rmtree(self.folder / scratch)
            told = self.server.run("fsck")
            self.teller.ok(f"fujie-server fsck：{told.strip().splitlines()[-1]}")

    # ── what each of them checks ─────────────────────────────────────────────────────────

    def _expect_complete(self) -> None:
        report = json.loads(self.server.run("report", DEVICE, "--json"))
        expect(report["complete"], f"the report should be complete: {report}")
        self.teller.ok(f"完整性报告：{DEVICE} 完整，没有缺号")

    def _expect_gap(self, part: str) -> None:
        """One fact is removed by hand from a copy of the database."""
        told = proof.report_after_removal(
            self.server, DEVICE, self.folder / "tampered", part, self.decision
        )
        report = json.loads(told)
        codes = [one["code"] for one in report["findings"]]
        expect(not report["complete"] and codes, f"a removed {part} should show: {told}")
        words = report["findings"][0].get("zh", "")
        self.teller.ok(f"手工删掉一项 {part}：{codes[0]} {words}")

    def _scan_card(self) -> None:
        """The old picture has expired; the card shown now is valid."""
        old = proof.read_code(self.folder / "07-card-first.png")
        expect("过期" in proof.page(proof.local(old, self.server)), "an old code should be expired")
        self.tablet_at_work.do("card_again", shot="32-card-again")
        fresh = proof.read_code(self.folder / "32-card-again.png")
        page = proof.page(proof.local(fresh, self.server))
        expect(
            "证件有效" in page and "沈知远" in page, "the card's page should say that it is valid"
        )
        self.tablet_at_work.do("take_back", pin=PINS[OFFICERS[0]])
        self.teller.ok("屏幕上的二维码：现在的有效，早上截的图已过期")

    def _scan_document(self) -> None:
        """Every document's code, read from its printed pages."""
        for kind, pdf in self.pdfs.items():
            pages = proof.pages_of(Path(pdf), self.folder / "pages" / kind)
            code = proof.read_code_of(pages)
            page = proof.page(proof.local(code, self.server))
            expect("一致" in page or "核验通过" in page, f"the page of {kind} should verify it")
            shutil.move(pdf, self.folder / f"{kind}.pdf")
        self.teller.ok(f"{len(self.pdfs)} 份 PDF 上的二维码都能核验")

    def _read_decision(self) -> None:
        page = proof.page(f"{self.server.address}/decisions/{self.decision}")
        expect(PARTY["party_name"] in page and "500" in page, "the decision should be public")
        leaked = [word for word in SECRET_WORDS if word in page]
        expect(not leaked, f"masked words on the public page: {leaked}")
        expect("工作日" in page, "the page should show its clock in working days")
        self.teller.ok("公示页：该隐去的都隐去了，其余与归档记录一致")

    def _expect_verified(self, file: Path, trust: Path) -> None:
        code, checks = proof.verify(file, trust)
        failing = [one for one in checks if not proof.held(one)]
        expect(code == 0 and not failing, f"case.zip should verify: {failing}")
        self.teller.ok(f"fujie-verify case.zip：{len(checks)} 项检查全部成立")
        (seen,) = [str(one["zh"]) for one in checks if one["name"] == "witnesses"]
        expect(NAME in seen, f"the head should be witnessed: {seen}")
        self.teller.ok(seen)

    def _expect_refused(self, file: Path, trust: Path) -> None:
        named = set()
        for seed in range(5):
            place = proof.altered(file, self.folder / "altered.zip", seed)
            code, checks = proof.verify(self.folder / "altered.zip", trust)
            failing = [str(one["name"]) for one in checks if not proof.held(one)]
            expect(code != 0 and failing, f"byte {place} was changed and nothing said so")
            named.update(failing[:1])
        (self.folder / "altered.zip").unlink()
        self.teller.ok(f"改动任意一个字节都被拒绝，指出：{'、'.join(sorted(named))}")
