"""Form D whole: what D-1 … D-3 lacked, the nurse whom the team asks, files that who reported brings."""

from alembic import op

revision = "0030_form_d_whole"
down_revision = "0029_mail"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Texts are sealed; a person's role is one of a closed list, and whether somebody is hurt is of the class health."""
    op.execute("""
        alter table incident add column happened_time time, add column happened_until date,
            add column happened_about boolean not null default false, add column behaviour_other bytea,
            add column bullying_subtypes text[] not null default '{}', add column medical_where bytea,
            add column received_by uuid, add column additional_info bytea,
            add constraint incident_happened_until_check check (happened_until >= happened_on)""")
    op.execute("alter table report add column reporter_status_other bytea")
    op.execute("""
        alter table participation add column injured boolean not null default false, add column role text
            check (role in ('role_perpetrator', 'role_victim', 'role_assistant', 'role_reinforcer', 'role_outsider',
                            'role_defender'))""")
    op.execute("alter table interview add column held_by uuid[] not null default '{}'")
    op.execute("alter table incident_duty drop constraint incident_duty_duty_check")
    op.execute("""
        alter table incident_duty add constraint incident_duty_duty_check
            check (duty in ('investigator', 'support_person', 'nurse'))""")
    op.execute("alter table attachment add column from_reporter boolean not null default false")
    op.execute("alter table team_sitting_item add column version int not null default 1")
    op.execute("grant update (version) on team_sitting_item to qorgan_app")
