"""The story: one inspection, from the officer's card with no network to page and archive.

Everything is done by the real programs: the server and the tablet are processes of their own,
the tablet is touched, the office's pages are filled in over HTTP. Nothing is stubbed; the
camera reads a film and, where there is no display, SDL draws offscreen.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from protocol.vocabulary import DocumentKind, StaffRole
from sync_server.demo import DEVICE, OFFICERS, STAFF
from sync_server.founding import StaffPlan
from tests.demo import proof
from tests.demo.office import Clerk
from tests.demo.programs import Server, Tablet
from tests.demo.proof import expect
from tests.demo.scene import film
from tests.demo.told import Teller
from tests.demo.witness import NAME, Witness

PASSPHRASE = "青石镇河西路二十八号的平板"
PINS = {OFFICERS[0]: "240781", OFFICERS[1]: "135790"}
PARTY = {
    "item": "SJ-0417",
    "party_class": "organisation",
    "party_name": "云溪县禾穗食品有限公司",
    "uscc": "91990123MA0FJ0K21X",
    "place": "云溪县青石镇河西路28号",
    "legal_rep": "周明禾",
    "phone": "0799-5550128",
}
TASK = "云市监检任〔2026〕57号"  # of the agency's head
ID_NO = "11010519491231002X"
SECRET_WORDS = ("周明禾", "0799-5550128", ID_NO)
STEPS = 18


class Story:
    """One telling of the story in a folder."""

    def __init__(self, folder: Path, port: int, argon2: str = "interactive") -> None:
        self.folder = folder
        self.argon2 = argon2
        self.teller = Teller(STEPS)
        self.server = Server(folder / "server", port, folder / "server.log")
        self.camera = folder / "camera.mp4"
        self.saved: list[str] = []
        self.shots: list[str] = []
        self.tablet: Tablet | None = None
        self.witness: Witness | None = None
        self.case = ""
        self.task = ""
        self.decision = ""
        self.pdfs: dict[str, str] = {}

    # ── the story ────────────────────────────────────────────────────────────────────────

    def tell(self) -> None:
        """From the founding of the county to the last check."""
        self.prepare()
        self.found()
        self.enrol()
        self.assign()
        self.go_on_duty()
        self.arrive()
        self.take_evidence()
        self.battery_falls_out()
        self.write_the_record()
        self.interview()
        self.order_correction()
        self.decide()
        self.hand_over()
        self.come_home()
        self.publish()
        self.archive()
        self.supervise()
        self.citizen()
        self.court()

    def prepare(self) -> None:
        """An empty folder; a film for the camera."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        film(self.camera)

    def found(self) -> None:
        with self.teller.step("县局建账", "the office founds its county"):
            witness = Witness(self.folder / "witness", self.folder / "witness.log")
            self.witness = witness
            self.server.witnesses = witness.settings(self.folder / "witnesses.json")
            self.server.start("demo")
            witness.start(self.server.address)
            self.teller.say(f"云溪县市场监督管理局 · {self.server.address}")
            self.teller.say(f"见证人 {NAME} · {witness.address}：没有它联署，平板不认回执")

    def enrol(self) -> None:
        with self.teller.step("平板入网", "a tablet and two officers are enrolled"):
            codes = self._codes()
            self._take_tablet().do(
                "enrol",
                server=self.server.address,
                code=codes[DEVICE],
                device=DEVICE,
                passphrase=PASSPHRASE,
                officers=[
                    {"cert_no": one, "pin": PINS[one], "code": codes[one]} for one in OFFICERS
                ],
            )
            self.teller.say(f"{DEVICE} · 一次性码双向验证 · 保险库钥匙已封存给本局")
        self.server.stop()

    def assign(self) -> None:
        with self.teller.step("局长派单", "the head sends two officers to a party"):
            (head,) = _staff(StaffRole.AGENCY_HEAD)
            told = self.server.run("assign-task", TASK, *_task(head), says=f"{head.password}\n")
            self.task = told.split()[-1]
            self.server.start()
            self.teller.say(f"{head.name} 签名派出 {TASK} · {PARTY['party_name']}")

    def go_on_duty(self) -> None:
        with self.teller.step("领单离线", "the task is pulled; no network from here on"):
            tablet = self._tablet
            tablet.do(
                "wrong_pin",
                cert_no=OFFICERS[0],
                pin="111111",
                passphrase="",
                shot="03-wrong-pin",
            )
            tablet.do("unlock", cert_no=OFFICERS[0], pin=PINS[OFFICERS[0]])
            tablet.do("second", cert_no=OFFICERS[1], pin=PINS[OFFICERS[1]])
            task = tablet.do("receive_task")
            self.server.stop()
            self.teller.say("PIN 输错一次，被计数，没有丢任何东西")
            self.teller.say(f"任务已到平板：{task['title']} · {task['count']}。服务器现在关了")

    def arrive(self) -> None:
        with self.teller.step("亮证告知", "cards with a renewing code, rights read and signed"):
            opened = self._tablet.do("open_task")
            self.case = opened["case"]
            expect(opened["task"] == self.task, f"it should rest on the task, not on {opened}")
            self._tablet.do("show_cards")
            self._tablet.do("notify_rights")
            self.teller.say(f"{opened['number']} · 案件号 {self.case[:16]}…")
            self.teller.ok(f"依 {TASK} 立案检查，任务记录 {self.task[:16]}…")

    def take_evidence(self) -> None:
        with self.teller.step("现场取证", "photo and clip, hashed and encrypted while recording"):
            self._tablet.do("capture", purpose="证明7种散装商品未标明价格")

    def battery_falls_out(self) -> None:
        with self.teller.step("电池掉了", "the tablet is killed in the middle of a sentence"):
            self._tablet.do("begin_record", cut=40)
            acknowledged = list(self.saved)
            self._tablet.kill()
            tablet = self._take_tablet()
            tablet.do("unlock", cert_no=OFFICERS[0], pin=PINS[OFFICERS[0]], passphrase=PASSPHRASE)
            tablet.do("second", cert_no=OFFICERS[1], pin=PINS[OFFICERS[1]])
            held = tablet.do("resume")["records"]
            missing = [one for one in acknowledged if one not in held]
            expect(not missing, f"acknowledged and missing after SIGKILL: {missing}")
            draft = tablet.do("draft")["findings"]
            expect(len(draft) == 40, f"the draft should hold 40 letters, it holds {len(draft)}")
            self.teller.ok(f"SIGKILL 之后 {len(held)} 条记录一条不少，草稿 40 字还在")

    def write_the_record(self) -> None:
        with self.teller.step("检查笔录", "the record: party and both officers sign in one step"):
            self._tablet.do("finish_record")
            self._tablet.do("sign", pins=PINS, shot="14-record-sign")

    def interview(self) -> None:
        with self.teller.step("询问笔录", "questions and answers, signed under every page"):
            held = self._tablet.do("interview", id_no=ID_NO)
            signed = self._tablet.do("sign", pins=PINS, shot="17-interview-sign")
            hands, pages = signed["hands"], held["pages"]
            expect(hands >= pages, f"{pages} pages should bear a hand each, {hands} do")
            self.teller.ok(f"{held['questions']} 问 {held['questions']} 答，{pages} 页页页签名")

    def order_correction(self) -> None:
        with self.teller.step("责令改正", "an order to correct: numbered, sealed later, received"):
            self._tablet.do("order_correction", days=15)
            self._tablet.do("sign", pins=PINS, shot="19-correction-sign")
            order = self._tablet.do("document", kind=str(DocumentKind.CORRECTION_ORDER))
            expect(order["number"] and order["served"], f"numbered and received: {order}")
            seal = f"电子印章授权 {order['seal'][:16]}…" if order["seal"] else "印章待回局加盖"
            self.teller.ok(f"{order['number']} · {seal} · 当事人已签收")

    def decide(self) -> None:
        with self.teller.step("当场决定", "over the ceiling: stopped; within it: signed"):
            self._tablet.do("hear")
            decided = self._tablet.do("decide", too_much="3500", fine="500")
            expect(decided["blocked"], "a fine of 3,500 yuan should be stopped (APL 51)")
            self.teller.ok(decided["blocked"][0])
            self._tablet.do("sign", pins=PINS, shot="23-decision-sign")

    def hand_over(self) -> None:
        with self.teller.step("送达结束", "handed over, received, closed"):
            self._tablet.do("serve")
            closed = self._tablet.do("close")
            expect(closed["closed"], "the inspection should be closed")
            self.pdfs = closed["pdfs"]
            state = self._tablet.do("look_at_sync", shot="27-sync-offline")
            expect(state["unsent"] == len(closed["records"]), "everything is still unsent")
            self.teller.say(
                f"{len(closed['records'])} 条记录、{len(self.pdfs)} 份 PDF/A，全在平板上"
            )

    def come_home(self) -> None:
        with self.teller.step("回局同步", "sync: signatures, links, log, blobs, receipts"):
            self.server.start()
            state = self._tablet.do("sync", until="stored", shot="28-sync-stored")
            expect(state["unsent"] == 0, "everything should be receipted")
            self.teller.ok(f"{state['counts']['stored']} 条已收、附件已存妥，回执已在平板上验证")

    def publish(self) -> None:
        with self.teller.step("公示", "published by the matrix, redacted, two persons confirm"):
            publisher, second = _staff(StaffRole.PUBLISHER)
            clerk = Clerk(self.server.address, publisher.account, publisher.password)
            clerk.sign_in()
            shown = clerk.publish(self.case, self.decision, second.account, second.password)
            clerk.close()
            self.teller.say(shown)

    def archive(self) -> None:
        with self.teller.step("归档", "the case file is checked, sealed and archived"):
            archivist = _staff(StaffRole.ARCHIVIST)[0]
            clerk = Clerk(self.server.address, archivist.account, archivist.password)
            clerk.sign_in()
            gate = clerk.archive(self.case)
            clerk.close()
            self.teller.ok(f"归档检查 {len(gate)} 项全部成立：{gate[-2]}")
            state = self._tablet.do("sync", until="archived", shot="29-sync-archived")
            self.teller.ok(f"平板上 {state['counts']['archived']} 条显示已归档")

    def supervise(self) -> None:
        with self.teller.step("监督", "complete; and what a removed row shows"):
            self._expect_complete()
            for table in ("link", "statement", "entry"):
                self._expect_gap(table)

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

    # ── checks ───────────────────────────────────────────────────────────────────────────

    def _expect_complete(self) -> None:
        report = json.loads(self.server.run("report", DEVICE, "--json"))
        expect(report["complete"], f"the report should be complete: {report}")
        self.teller.ok(f"完整性报告：{DEVICE} 完整，没有缺号")

    def _expect_gap(self, table: str) -> None:
        """One row of facts is removed by hand from a copy of the database."""
        told = proof.report_after_removal(
            self.server, DEVICE, self.folder / "tampered", table, self.decision
        )
        report = json.loads(told)
        codes = [one["code"] for one in report["findings"]]
        expect(not report["complete"] and codes, f"a removed {table} row should show: {told}")
        words = report["findings"][0].get("zh", "")
        self.teller.ok(f"手工删掉一行 {table}：{codes[0]} {words}")

    def _scan_card(self) -> None:
        """The old picture has expired; the card shown now is valid."""
        old = proof.read_code(self.folder / "07-card-first.png")
        expect("过期" in proof.page(proof.local(old, self.server)), "an old code should be expired")
        self._tablet.do("card_again", shot="30-card-again")
        fresh = proof.read_code(self.folder / "30-card-again.png")
        page = proof.page(proof.local(fresh, self.server))
        expect(
            "证件有效" in page and "沈知远" in page, "the card's page should say that it is valid"
        )
        self._tablet.do("take_back", pin=PINS[OFFICERS[0]])
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
        expect("云溪县禾穗食品有限公司" in page and "500" in page, "the decision should be public")
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

    def leave(self) -> None:
        """End what the story started."""
        if self.tablet is not None:
            self.tablet.end()
        self.server.stop()
        if self.witness is not None:
            self.witness.stop()

    # ── help ─────────────────────────────────────────────────────────────────────────────

    @property
    def _tablet(self) -> Tablet:
        assert self.tablet is not None
        return self.tablet

    def _take_tablet(self) -> Tablet:
        self.tablet = Tablet(
            self.folder / "tablet",
            self.folder,
            self.camera,
            self.folder / "tablet.log",
            self._hear,
            self.argon2,
        )
        return self.tablet

    def _hear(self, said: dict[str, Any]) -> None:
        if "saved" in said:
            self.saved.append(said["saved"])
            if said["document"] == DocumentKind.SPOT_DECISION:
                self.decision = said["saved"]
        if "shot" in said:
            self.shots.append(said["shot"])

    def _codes(self) -> dict[str, str]:
        """One-time codes, as the office reads them out."""
        codes = {DEVICE: _code(self.server.run("enrol-device", DEVICE))}
        for one in OFFICERS:
            codes[one] = _code(self.server.run("enrol-officer", one))
        return codes


def _staff(role: StaffRole) -> list[StaffPlan]:
    """The office's people of one role."""
    return [one for one in STAFF if one.role is role]


def _task(head: StaffPlan) -> list[str]:
    """The task as the head states it: the demo's party, both officers, at most two visits a
    year."""
    said = {
        "item": PARTY["item"],
        "party": PARTY["party_name"],
        "code": PARTY["uscc"],
        "legal-rep": PARTY["legal_rep"],
        "phone": PARTY["phone"],
        "place": PARTY["place"],
        "approval": f"{head.name} 批准",
        "cap": "2",
        "account": head.account,
    }
    words = [word for name, value in said.items() for word in (f"--{name}", value)]
    return words + [word for one in OFFICERS for word in ("--officer", one)]


def _code(told: str) -> str:
    """The one-time code in what a command printed."""
    found = [word for word in told.split() if word.count("-") == 3]
    expect(found, f"expected a one-time code, got {told!r}")
    return found[0]
