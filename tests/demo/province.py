"""The province of the story: a second server, to which the county reports what it publishes."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import httpx

from protocol.vocabulary import StaffRole
from tests.demo.cast import PARTY, SECRET_WORDS, staff
from tests.demo.office import Clerk
from tests.demo.programs import Server
from tests.demo.proof import expect
from tests.demo.told import Teller
from tests.ports import free_port

ORIGIN = "log.qingshi.example/fujie"
WITHIN_S = 60.0
REASON = "行政复议机关撤销了本决定"
PLAN = {
    "agency": {
        "id": "11990000MB0000002B",
        "name": "青石省市场监督管理局",
        "short_name": "青市监",
        "region": "990000",
        "region_name": "青石省",
        "government": "青石省人民政府",
        "court": "青石省高级人民法院",
        "hotline": "0790-5550200",
        "address": "青石省青石市人民大道1号",
        "bank": "青石省农村商业银行营业部",
    },
    "staff": [
        {
            "account": "songheng",
            "name": "宋衡",
            "role": "registrar",
            "password": "qingshi-mingce-2026",
        }
    ],
    "officers": [],
}


class Upwards:
    """What passes between the county and its province."""

    folder: Path
    server: Server
    province: Server | None
    teller: Teller
    case: str
    decision: str
    above: str = ""

    def report_up(self) -> None:
        with self.teller.step("报送上级", "the province shows it too, and gives a receipt"):
            self.province = self._join()
            page = self._until(PARTY["party_name"])
            leaked = [word for word in SECRET_WORDS if word in page]
            expect(not leaked, f"masked words at the province: {leaked}")
            self.teller.say(f"{PLAN['agency']['name']} · {self.province.address}")  # type: ignore[index]
            self.teller.ok("只送公开的内容；其余记录只送链条，一条也藏不住")
            publisher, _ = staff(StaffRole.PUBLISHER)
            clerk = Clerk(self.server.address, publisher.account, publisher.password)
            clerk.sign_in()
            until = time.monotonic() + WITHIN_S
            while "已回执" not in clerk.see("/office/upper") and time.monotonic() < until:
                time.sleep(0.2)
            expect("已回执" in clerk.see("/office/upper"), "the office should have its receipt")
            clerk.close()
            self.teller.ok("省局日志的回执已在县局验证")

    def withdraw(self) -> None:
        with self.teller.step("撤回", "revoked: taken down here and at the province, with reasons"):
            publisher, _ = staff(StaffRole.PUBLISHER)
            clerk = Clerk(self.server.address, publisher.account, publisher.password)
            clerk.sign_in()
            clerk.withdraw(self.case, self.decision, REASON)
            clerk.close()
            here = httpx.get(f"{self.server.address}/decisions/{self.decision}", timeout=30)
            expect(
                here.status_code == 410 and REASON in here.text, "it should be gone, and say why"
            )
            page = self._until(REASON)
            expect("500" not in page, "the province should show no words of it any more")
            self.teller.ok("县、省两级页面都已撤下，留下文号和理由")

    def _join(self) -> Server:
        """Introduced, admitted, followed: three commands and two files."""
        province = Server(
            self.folder / "province", free_port(), self.folder / "province.log", self.server.argon2
        )
        province.origin = ORIGIN
        plan, asked, answer = (self.folder / name for name in ("plan.json", "up.json", "down.json"))
        plan.write_text(json.dumps(PLAN, ensure_ascii=False))
        province.run("found", str(plan))
        self.server.stop()
        fingerprint = self.server.run("introduce", str(asked)).split()[-1]
        admitted = province.run(
            "admit-lower", str(asked), str(answer), "--fingerprint", fingerprint
        )
        told = admitted.split()[-1]
        self.server.run("follow-upper", str(answer), "--fingerprint", told)
        province.start()
        self.server.start()
        self.teller.say(f"登记文件指纹 {fingerprint}，两边电话核对")
        return province

    def _until(self, words: str) -> str:
        """The province's page of the decision, as soon as it says this."""
        until = time.monotonic() + WITHIN_S
        while time.monotonic() < until:
            page = self._page()
            if words in page:
                return page
            time.sleep(0.2)
        expect(False, f"the province should say {words} within {WITHIN_S:.0f} s")
        return ""

    def _page(self) -> str:
        """The province's page of its one decision, to which its list leads."""
        assert self.province is not None
        if not self.above:
            listed = httpx.get(f"{self.province.address}/decisions", timeout=30).text
            found = re.search(r"/decisions/[0-9a-f]{64}", listed)
            self.above = found[0] if found else ""
        return (
            httpx.get(f"{self.province.address}{self.above}", timeout=30).text if self.above else ""
        )
