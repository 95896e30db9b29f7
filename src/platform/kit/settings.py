"""Settings of a process, read from `QORGAN_…` environment variables once."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from src.platform.kit import crypto

# A database machine that loses its power says no farewell: without these a request would wait for it for two hours.
_PATIENCE = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "2",
    "tcp_user_timeout": "20000",
}


@dataclass(frozen=True)
class Share:
    """So many requests at once, and afterwards so many a second; the others wait in line (`web.line`)."""

    rate: float
    burst: int


class NoPasswordError(RuntimeError):
    """This process was given no password of the role, nor the secret that all of them follow from."""


class Settings(BaseSettings):
    """Every field is the environment variable QORGAN_<FIELD>."""

    model_config = SettingsConfigDict(env_prefix="QORGAN_")

    database_url: str
    """PostgreSQL of the region; its user may create roles. Processes sign in as their own role, see `role_url`."""
    redis_url: str = "redis://127.0.0.1:6379/0"
    role_secret: SecretStr = SecretStr("")
    """Passwords of the database roles follow from it; the migration and the command line have it."""
    role_passwords: dict[str, SecretStr] = {}
    """What a running process has instead: role to password, JSON, as `qorgan passwords` prints it."""
    context_key: SecretStr
    """Signs the tenant context (decisions 4)."""
    master_key: SecretStr = SecretStr("")
    """Wraps the data keys of the tenants; two while one takes the place of the other (`kit.master`)."""
    master_key_file: Path | None = None
    """A file with the same, so that the key stands in no environment; it comes first."""
    test_clock: bool = False
    public_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    """Where the web process listens; all interfaces only behind a proxy that ends TLS."""
    port: int = 8000
    policy_dir: Path = Path(__file__).parents[3] / "policies"
    checkpoint_key: SecretStr
    """Signs audit checkpoints; the relay and the verifier have it, the database never."""
    checkpoint_dirs: list[Path] = []
    """Folders outside the database host, two of them, where signed checkpoints are appended (S-40); JSON list."""
    backup_recipients: list[str] = []
    """Public keys (age1…) that backups are sealed to; their private halves are kept away from every machine of ours."""
    backup_dir: Path | None = None
    """Where `qorgan backup` puts its files, outside the database host."""
    backup_days: int = 35
    """How long a backup is kept there; older ones are deleted when a new one is whole, because they hold the erased."""
    smtp_host: str = ""
    """The mail server of the region; without it no e-mail is sent, and pages say so."""
    smtp_port: int = 587
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    """How the line is protected; the server's certificate is verified. `none` is for a relay on the same machine."""
    smtp_ca_file: Path | None = None
    """Certificates that sign the mail server's, where the system does not know them."""
    smtp_user: str = ""
    smtp_password_file: Path | None = None
    """A file, so that the password stands in no environment."""
    mail_from: str = "qorgan@localhost"
    sentry_dsn: str = ""
    oldest_postgresql: dict[int, int] = {15: 19, 16: 15, 17: 11, 18: 5}
    """The lowest minor version of each major one of PostgreSQL that has no known hole (S-59); JSON. Raise it with every
    advisory; a later major version is taken as it is, an earlier one is not taken."""
    password_time_cost: int = 3
    pool_size: int = 20
    public_reports_per_hour: int = 300
    """Reports without an account that all schools of the region take in an hour (decisions 22); a school's own limit
    is its setting."""
    receipt_tries_per_hour: int = 1000
    """The same for codes of receipts that nobody has."""
    link_tries_per_hour: int = 1000
    """The same for codes of one-time links of partners that nobody has."""
    api_requests_per_hour: int = 1000
    """What one token of a partner's program may ask in an hour; over it, refused requests count too."""
    organisation_share: Share = Share(rate=5, burst=200)
    """What all people of an organisation may ask of one web process, and as much again whoever comes to its public
    address; JSON, `{"rate": 5, "burst": 200}` [D]."""
    person_share: Share = Share(rate=2, burst=60)
    """The same of one person [D]."""
    request_waits_most: float = 5
    """Seconds that a request stands in line; one whose turn would come later is refused with words after them [D]."""
    exit_url: str = "https://kk.wikipedia.org/"
    """Where the exit button of the public pages leads: a site that anybody may have open."""

    def role_url(self, role: str) -> str:
        """The database URL of one role, e.g. `qorgan_app`, for SQLAlchemy with psycopg."""
        parts = urlsplit(self.database_url)
        host = parts.netloc.rpartition("@")[2]
        netloc = f"{role}:{quote(self.role_password(role))}@{host}"
        query = urlencode(_PATIENCE | dict(parse_qsl(parts.query)))
        return urlunsplit(parts._replace(scheme="postgresql+psycopg", netloc=netloc, query=query))

    def role_password(self, role: str) -> str:
        """The password of a database role, given or derived. Raises NoPasswordError."""
        if (given := self.role_passwords.get(role)) is not None:
            return given.get_secret_value()
        if not self.role_secret.get_secret_value():
            raise NoPasswordError(role)
        return crypto.blind(self.role_secret.get_secret_value().encode(), role.encode()).hex()

    def key(self, name: str) -> bytes:
        """One of the 256-bit keys (`context`, `checkpoint`), given as hex."""
        secret: SecretStr = getattr(self, f"{name}_key")
        return bytes.fromhex(secret.get_secret_value())


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()  # type: ignore[call-arg]  # filled from the environment
