"""Every sealed value and every fingerprint of a person in the tables of organisations, for whoever changes the keys.

A test holds this list against the catalogue: a column of bytes that is neither here nor named there as something else
stops the suite.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "link", "people", "person", "piece", "part", "slice"]

_TEXTS = {
    "access_grant": "typed reason review",
    "api_token": "name",
    "assessment": "content",
    "attachment": "caption withdrawn_reason",
    "city_letter_draft": "content",
    "city_letter_text": "own_text",
    "committee_report": "note reason",
    "danger_notice": "own_text",
    "family_notice": "measures",
    "final_report": "own_text",
    "form_draft": "content",
    "form_e": "own_note",
    "form_e_turn": "reason",
    "form_j_turn": "reason",
    "forwarding": "reason",
    "incident": "behaviour_other injuries medical_where findings safety_measures additional_info staff_measures",
    "incident_change": "reason",
    "injury": "region note",
    "interview": "notes",
    "monitoring_note": "text",
    "narrative_token": "surface",
    "obligation_change": "reason",
    "participation": "parents_not_informed",
    "protective_task": "instruction",
    "reconciliation": "result",
    "referral_case": "unfollowed_reason",
    "referral_note": "body",
    "report": "description who happened reporter_status_other told_by",
    "report_message": "body",
    "retention_hold": "reason",
    "saved_filter": "content",
    "second_factor_recovery": "own_reason",
    "team_meeting": "minutes",
    "weekly_report": "own_text",
}
_OTHERS: tuple[tuple[str, str, Kind], ...] = (
    ("person", "identity", "person"),
    ("participation", "link", "link"),
    ("report", "reporter_sealed", "link"),
    ("child_case", "link", "link"),
    ("class_list_draft", "content", "people"),
    ("help_request_draft", "content", "people"),
    ("mail_box", "waiting", "people"),
    ("referral_case", "form_k", "people"),
    ("attachment_part", "content", "part"),
    ("long_work_part", "content", "piece"),
    ("weekly_photo", "own_copy", "piece"),
    ("assessment_copy", "content", "slice"),
    ("city_letter_text", "peer_text", "slice"),
    ("danger_notice", "peer_text", "slice"),
    ("final_report", "peer_text", "slice"),
    ("form_e", "peer_note", "slice"),
    ("referral", "sealed_slice", "slice"),
    ("referral_contact", "sealed_name", "slice"),
    ("weekly_photo", "peer_copy", "slice"),
    ("weekly_report", "peer_text", "slice"),
)
_IDS = {"referral_case": "referral_id", "attachment_part": "stored_as"}
LINKS = (
    ("participation", "link", "link_blind"),
    ("report", "reporter_sealed", "reporter_blind"),
    ("child_case", "link", "link_blind"),
)
"""(table, sealed link, its fingerprint)."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """One column. `owner`: the column whose value the sealing is bound to beside the name of the column."""

    table: str
    column: str
    kind: Kind
    owner: str

    @property
    def batch(self) -> int:
        """How many of them are sealed anew in one transaction: files are large."""
        return 20 if self.kind in ("part", "piece") or self.table == "weekly_photo" else 500

    @property
    def purpose(self) -> str:
        """Which key seals it."""
        return {"text": "case", "slice": "recipient"}.get(self.kind, "vault")


SEALED = tuple(
    Sealed(table, column, kind, _IDS.get(table, "id"))
    for table, column, kind in (
        *((table, column, "text") for table, columns in _TEXTS.items() for column in columns.split()),
        *_OTHERS,
    )
)
