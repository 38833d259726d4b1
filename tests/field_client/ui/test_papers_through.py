"""A document by fingers: read aloud, signed by an agent, printed. The real flows, the real vault,
and a printing system of two small programs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from protocol.statements import DocumentIssued
from protocol.vocabulary import Role
from tests.cast import HEARD
from tests.field_client.flowing import Stage, last
from tests.field_client.ui.test_hands_through import glass, stage, until, write

__all__ = ["glass", "stage"]


def test_an_agent_signs_what_was_read_aloud_and_it_is_printed(
    stage: Stage, glass: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "printed.pdf"
    for name, said in (("lpstat", "echo 车载-02"), ("lp", f"cat > {out}; echo request id is x-1")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{said}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    hands, shell = glass, stage.desk.shell
    stage.do.act("record")
    until(stage, hands, lambda: hands.seek("findings") is not None)
    stage.do.edit_field("recusal", HEARD)
    stage.do.edit_field("findings", "货架上7种散装商品未标明价格。")
    until(stage, hands, lambda: bool(shell.screen.view.ready))
    hands.tap("main")
    until(stage, hands, lambda: shell.current == "sign")
    hands.tap("explained")
    while shell.current == "sign" and shell.screen.view.stage == "party":
        turn = shell.screen.view.turn
        if shell.screen.view.roles:  # not under a page: who signs is asked for the whole
            hands.tap("role.agent")
            until(stage, hands, lambda: shell.screen.view.role == "agent")
            hands.type("signer", "李明")
            hands.type("authority", "2026年7月6日授权委托书")
        write(hands, stage, "周明禾")
        hands.tap("main")
        until(
            stage,
            hands,
            lambda turn=turn: shell.screen.view.stage != "party" or shell.screen.view.turn != turn,
        )
    stage.officers_sign()  # by touch in the interview's test
    issued = last(stage, DocumentIssued)
    assert issued.explained
    assert issued.party_act.role is Role.AGENT
    until(stage, hands, lambda: shell.current == "inspection")
    stage.do.act("papers")
    door = f"paper.view.{stage.desk.case.state.documents[-1].issued.id}"
    until(stage, hands, lambda: shell.current == "papers" and hands.seek(door) is not None)
    hands.settle()
    hands.tap(door)
    until(stage, hands, lambda: shell.current == "paper")
    hands.tap("door.panel.print")
    until(stage, hands, lambda: hands.seek("print.go") is not None)
    copies = shell.screen.view.printing.copies
    hands.tap("copies.plus")
    until(stage, hands, lambda: shell.screen.view.printing.copies == copies + 1)
    hands.tap("print.go")
    until(stage, hands, lambda: shell.screen.view.printing.message is not None)
    assert out.read_bytes().startswith(b"%PDF")
    hands.tap("print.close")
