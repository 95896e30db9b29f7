"""People, sealed; classes and who learns in them."""

from alembic import op

from src.platform.migrations.ddl import protect_tenant_table

revision = "0003_vault_roster"
down_revision = "0002_workdays"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of the vault and of the roster."""
    _vault()
    _roster()


def _vault() -> None:
    op.execute("""
        create table person (
            tenant_id uuid not null references tenants (id), id uuid not null,
            kind text not null check (kind in ('student', 'staff', 'guardian', 'other')),
            identity bytea not null, iin_blind bytea, contact_blind bytea, created_at timestamptz not null,
            version int not null default 1, primary key (tenant_id, id))""")
    op.execute(
        "create unique index person_tenant_id_iin_blind_key on person (tenant_id, iin_blind) "
        "where iin_blind is not null"
    )
    op.execute(
        "create index person_tenant_id_contact_blind_idx on person (tenant_id, contact_blind) "
        "where contact_blind is not null"
    )
    protect_tenant_table("person")
    op.execute("""
        create table person_name_blind (
            tenant_id uuid not null, blind bytea not null, person_id uuid not null,
            primary key (tenant_id, blind, person_id),
            foreign key (tenant_id, person_id) references person (tenant_id, id))""")
    op.execute("create index person_name_blind_tenant_id_person_id_idx on person_name_blind (tenant_id, person_id)")
    protect_tenant_table("person_name_blind", may="select, insert, delete")
    op.execute("""
        create table person_tie (
            tenant_id uuid not null, child_id uuid not null, adult_id uuid not null, relation text not null,
            primary key (tenant_id, child_id, adult_id), check (child_id <> adult_id),
            foreign key (tenant_id, child_id) references person (tenant_id, id),
            foreign key (tenant_id, adult_id) references person (tenant_id, id))""")
    op.execute("create index person_tie_tenant_id_adult_id_idx on person_tie (tenant_id, adult_id)")
    protect_tenant_table("person_tie")


def _roster() -> None:
    op.execute("""
        create table school_class (
            tenant_id uuid not null references tenants (id), id uuid not null,
            grade int not null check (grade between 0 and 12),
            letter text not null check (letter ~ '^[АӘБВГҒДЕЖЗИКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЭЮЯІ]?$'),
            teacher_id uuid, version int not null default 1,
            primary key (tenant_id, id), unique (tenant_id, grade, letter),
            foreign key (tenant_id, teacher_id) references membership (tenant_id, id))""")
    op.execute("create index school_class_tenant_id_teacher_id_idx on school_class (tenant_id, teacher_id)")
    protect_tenant_table("school_class")
    op.execute("""
        create table enrolment (
            tenant_id uuid not null, id uuid not null, person_id uuid not null, class_id uuid not null,
            started_on date not null, ended_on date, primary key (tenant_id, id), check (ended_on >= started_on),
            foreign key (tenant_id, person_id) references person (tenant_id, id),
            foreign key (tenant_id, class_id) references school_class (tenant_id, id))""")
    op.execute(
        "create unique index enrolment_tenant_id_person_id_key on enrolment (tenant_id, person_id) "
        "where ended_on is null"
    )
    op.execute("create index enrolment_tenant_id_class_id_idx on enrolment (tenant_id, class_id)")
    protect_tenant_table("enrolment")
    op.execute("""
        create table class_list_draft (
            tenant_id uuid not null, id uuid not null, membership_id uuid not null, content bytea not null,
            expires_at timestamptz not null, primary key (tenant_id, id),
            foreign key (tenant_id, membership_id) references membership (tenant_id, id))""")
    op.execute(
        "create index class_list_draft_tenant_id_membership_id_idx on class_list_draft (tenant_id, membership_id)"
    )
    protect_tenant_table("class_list_draft", may="select, insert, delete")
