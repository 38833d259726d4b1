"""Who of the party's side signs: one row to choose, and for an agent its name and authority.

WhoSigns(signing=view.signing, actions=actions)     touches go to ``sign_as`` and ``edit_signer``
"""

from __future__ import annotations

from kivy.properties import ObjectProperty

from field_client.ui.presenters.sign import NOBODY_ELSE
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box


class WhoSigns(Box):
    """Takes no room where nobody else can sign."""

    signing = ObjectProperty(NOBODY_ELSE, rebind=True)
    actions = ObjectProperty(None, allownone=True)


load_kv(__file__)
