"""The words for what the office states of disclosure beside publishing itself."""

from collections.abc import Callable
from typing import Any

from protocol.statements import (
    DisclosureReported,
    DisclosureWithheld,
    PublicRequestAnswered,
    Statement,
    WithholdingLifted,
)
from protocol.timeline.told import Issued, Told, document_of, reason_after


def _withheld(one: DisclosureWithheld, issued: Issued) -> Told:
    zh, en = document_of(issued, one.issued)
    return Told(
        f"{zh}不予公示",
        f"{en} never published",
        *reason_after(
            f"{one.ground.zh}，{one.clause}", f"{one.ground.en}, {one.clause}", one.reason
        ),
    )


def _lifted(one: WithholdingLifted, issued: Issued) -> Told:
    zh, en = document_of(issued, one.issued)
    return Told(
        f"{zh}不予公示的决定已解除",
        f"{en}: no longer kept from the public",
        *reason_after(one.clause, one.clause, one.reason),
    )


def _answered(one: PublicRequestAnswered, _: Issued) -> Told:
    return Told(
        f"已答复来自公众的请求：{one.outcome.zh}",
        f"a request from the public answered: {one.outcome.en}",
        f"{one.request}，{one.asked.zh}：{one.answer}",
        f"{one.request}, {one.asked.en}: {one.answer}",
    )


def _reported(one: DisclosureReported, issued: Issued) -> Told:
    zh, en = document_of(issued, one.issued)
    return Told(
        f"{zh}的公示已报送上级平台", f"{en}: disclosure reported to the upper level", one.to, one.to
    )


TELLERS: dict[type[Statement], Callable[[Any, Issued], Told]] = {
    DisclosureReported: _reported,
    DisclosureWithheld: _withheld,
    PublicRequestAnswered: _answered,
    WithholdingLifted: _lifted,
}
