"""Every decision of ours that an organisation may change, with its default (rules marked [D])."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "school_week": 5,
        "clock_extension_days": 14,  # ADR 18: how far beyond its present end a term is moved at once
        "clock_extensions_most": 2,
        "public_door": {"open": False, "contact": "", "reach": ""},  # nobody can be spoken to yet
        "public_reports_per_hour": 30,  # decisions 22
        "receipt_tries_per_hour": 100,
        "draft_days": 14,  # decisions 25: how long something typed and not sent is kept
        "emergency_numbers": ["112", "102", "103", "111"],
        "invitation_hours": 14 * 24,
        "recovery_hours": 24,  # S-26, ADR 39: how long a lost second factor waits for its second person
        "browsing_records": 20,  # ADR 39: so many records outside the own work within a day are told to who may ask
        "browsing_searches": 30,  # ADR 39: or so many searches for people
        "api_token_hours_most": 365 * 24,  # ADR 26: how long a token of a partner's program may work
        "api_answer_hours": 24,  # ADR 26: how long a request sent again is known by its Idempotency-Key
        "retention_years": {},  # R-221, ADR 33: by kind of record, longer than policies/retention.toml says
        "report_link_hours": 7 * 24,  # decisions 21: how long a link lets a partner without an account report
        "long_work_file_hours": 24,  # ADR 31: how long the files of long work wait for who asked for them
        "form_d_papers_most": 100,  # ADR 31: of how many incidents the list makes Form D in one go
        "class_list_at_once": 300,  # ADR 31: a longer class list is loaded by the worker, with its progress shown
        "family_code_hours": 60 * 24,  # ADR 13: how long a code on paper lets a student or parent in
        "mail_choice": {"mode": "at_once", "digest_at": 8, "quiet_from": 21, "quiet_to": 7},  # ADR 19
        "witness_keeps_reading": True,  # R-064, decisions 18
        "witness_reads_before_interview": True,  # R-064; decisions 18
        "repeats_proposed_at": 3,
        "repeats_mandatory_at": 4,
        "release_working_days": 10,  # R-067, ADR 21: after a quarter, before the city may have its numbers
        "team_free_at_least": 3,
        "committee_report_months": 3,  # R-024, ADR 30: how long the period of a report is: 3 or 1
        "agreement_ends_soon_days": 30,  # N15: how long before its last day both sides are told
        "agreements_ending_days": 60,  # ADR 29: how long before its last day the city is shown an agreement
        "letter_answer_working_days": 5,  # ADR 29: until when the city asks for an answer, unless it chooses a day
        "team_members_at_least": 10,
        "team_specialists_at_least": 5,
        "team_teachers_at_least": 3,
        "inbox_rules": {},  # ADR 25: who gets new referrals, by kind of service; everybody otherwise
        "partner_kinds_without_agreement": [
            "internal_affairs",
            "juvenile_police_unit",
            "prosecutor_office",
            "commission",
            "guardianship_body",
            "child_rights_department",
            "health_department",
            "medical_institution",
            "mental_health_service",
            "narcology_service",
            "labour_social_department",
        ],
    }
)
