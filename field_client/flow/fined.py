"""A fine that stands twice, in a field and in free words beside it: that the two agree.

    differing(desk, "罚款5000元，没收红枣12袋。", 300_000, field, ("《行政处罚法》…", "APL 44"))

The words are the officers'; none of them is changed here, and whoever goes on was told.
"""

from __future__ import annotations

from field_client.documents.amounts import fines
from field_client.flow.desk import Desk
from field_client.ui.presenters.common import RuleNote
from protocol.forms import FieldSpec
from protocol.timeline import yuan

WORDS = frozenset({"penalty_text", "performance", "reasons", "told"})
"""Fields of free words, by the name that forms give them, in which a penalty may be told."""


def differing(
    desk: Desk, words: str, fine: int, field: FieldSpec, clause: tuple[str, str]
) -> tuple[RuleNote, ...]:
    """A warning where ``words`` tell another fine than ``fine`` (fen), which stands in ``field``;
    with no fine there (0), where they tell of one. Several that make up the one of the field agree
    with it: it is the sum for several acts. ``clause``: Chinese, English."""
    others = [one for one in fines(words) if one != fine]
    if not others or sum(others) == fine:
        return ()
    label = desk.words(field.label_zh, field.label_en)
    told = desk._(", ").join(yuan(one) for one in others)
    title = (
        desk._("The words tell a fine of {told} yuan, “{field}” says {fine} yuan").format(
            told=told, field=label, fine=yuan(fine)
        )
        if fine
        else desk._("The words tell a fine of {told} yuan, “{field}” names none").format(
            told=told, field=label
        )
    )
    return (
        RuleNote(
            "warn",
            title,
            desk._("A paper tells one amount. Correct whichever of the two is wrong."),
            desk.words(*clause),
        ),
    )
