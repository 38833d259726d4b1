"""Sample views of settings and duty."""

from __future__ import annotations

from dataclasses import replace

from field_client.ui.gallery.cast import AGENCY, DEVICE, INSPECTION, OFFICERS, PARTY, frame, zh_en
from field_client.ui.presenters.common import Choice, Translate
from field_client.ui.presenters.settings import (
    HandOver,
    Practice,
    SettingsView,
    missing_for_handover,
)
from field_client.ui.presenters.unlock import OfficerTile

COMERS = (
    OfficerTile("00992304145", "许闻溪", "0099 2304 145"),
    OfficerTile("00992304150", "顾南枝", "0099 2304 150"),
)


def settings(_: Translate) -> SettingsView:
    """Two officers, no inspection open."""
    return SettingsView(
        frame=frame(_, _("Settings and duty"), "", tab="settings"),
        duty=OFFICERS,
        handover=None,
        language=zh_en(_, "zh_CN", "en"),
        theme="day",
        text="normal",
        printers=(Choice("Office", "Office"), Choice("HP-200", "HP-200")),
        printer="HP-200",
        practice=Practice(),
        about=(
            (_("Name of the tablet"), DEVICE),
            (_("Agency"), AGENCY),
            (_("Version"), f"{_('Fujie')} 0.3"),
            (_("Reference data"), zh_en(_, "第 41 版，今天 07:04", "no. 41, of 07:04")),
            (_("Server address"), "https://log.yunxi.example"),
            (_("Log"), "log.yunxi.example/fujie"),
        ),
    )


def settings_handover(_: Translate) -> SettingsView:
    """Two came, two leave."""
    going = frozenset(one.officer_id for one in COMERS)
    over = HandOver(f"{INSPECTION} · {PARTY}", _("Change of shift"), going)
    return replace(settings(_), duty=(*OFFICERS, *COMERS), handover=over)


def settings_alone(_: Translate) -> SettingsView:
    """Nobody came yet."""
    both = frozenset(one.officer_id for one in OFFICERS)
    missing = missing_for_handover(_, both, both, _("Change of shift"))
    over = HandOver(f"{INSPECTION} · {PARTY}", _("Change of shift"), both, missing)
    return replace(settings(_), handover=over, printers=())


def settings_practice(_: Translate) -> SettingsView:
    """In practice."""
    return replace(settings(_), practice=Practice(inside=True, there=True))
