"""Sample views of every screen, with the handbook's cast and no real state.

    from field_client.ui.gallery import VIEWS
    shell.show("card", VIEWS["card"](_))      # "card.suspended" shows the same screen otherwise

Nothing on a running tablet imports this; tests and ``python -m tests.screens`` do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from field_client.ui.gallery import desk, duty, field, forms, hands, papers, sending, visits
from field_client.ui.presenters.common import Translate

VIEWS: dict[str, Callable[[Translate], Any]] = {
    "unlock": desk.unlock,
    "unlock.passphrase": desk.unlock_passphrase,
    "unlock.locked": desk.unlock_locked,
    "unlock.wiped": desk.unlock_wiped,
    "enrol": desk.enrol,
    "enrol.refused": desk.enrol_refused,
    "enrol.officers": desk.enrol_officers,
    "enrol.done": desk.enrol_done,
    "today": desk.today,
    "today.form": desk.today_form,
    "signin": desk.signin,
    "settings": duty.settings,
    "settings.handover": duty.settings_handover,
    "settings.alone": duty.settings_alone,
    "settings.practice": duty.settings_practice,
    "card": field.card,
    "card.suspended": field.card_suspended,
    "card.unknown": field.card_unknown,
    "card.worn": field.card_worn,
    "card.patrol": field.card_patrol,
    "card.leave": field.card_leave,
    "notice": field.notice,
    "inspection": visits.inspection,
    "inspection.urgent": visits.inspection_urgent,
    "inspection.closed": visits.inspection_closed,
    "inspection.long": visits.inspection_long,
    "closing": visits.closing,
    "closing.ready": visits.closing_ready,
    "record": visits.record,
    "answer": visits.answer,
    "answer.attestor": visits.answer_attestor,
    "capture": field.capture,
    "capture.video": field.capture_video,
    "check": field.check,
    "check.looking": field.check_looking,
    "check.false": field.check_false,
    "form": papers.form,
    "form.long": forms.form_long,
    "form.table": forms.form_table,
    "form.date": forms.form_date,
    "sign": hands.sign,
    "sign.agent": hands.sign_agent,
    "sign.page": hands.sign_page,
    "sign.initials": hands.sign_initials,
    "sign.attestor": hands.sign_attestor,
    "sign.officers": hands.sign_officers,
    "serve": hands.serve,
    "serve.leaving": hands.serve_leaving,
    "serve.media": hands.serve_media,
    "serve.postal": hands.serve_postal,
    "interview": hands.interview,
    "interview.who": hands.interview_who,
    "interview.check": hands.interview_check,
    "sync": desk.sync,
    "sync.stick": desk.sync_stick,
    "sync.alarm": desk.sync_alarm,
    "sync.waiting": sending.sync_waiting,
    "item": sending.item,
    "item.flagged": sending.item_flagged,
}
