"""The only reader of the environment. Every mistake is one readable sentence, all of them at once."""

import os
import secrets
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
List = Annotated[tuple[str, ...], NoDecode]


class SettingsProblem(Exception):
    """The settings can't be used; the text says what is wrong with each and what to do."""


class Settings(BaseSettings):
    """All settings, from the environment or `.env`; the README's table is checked against this class."""

    model_config = SettingsConfigDict(env_prefix="LOYALTY_", env_file=".env", extra="ignore", frozen=True)

    public_url: str = Field("http://127.0.0.1:8090", description="Address under which shops reach this app")
    allowed_saleor_urls: List = Field((), description="Exact saleorApiUrls that may install the app")
    dashboard_origins: List = Field((), description="Origins of the dashboards that may frame the app")
    data_dir: Path = Field(Path("data"), description="Folder for the embedded database and the generated key")
    database_url: str = Field("", repr=False, description="SQLite by default; postgresql://… for several machines")
    secret_key: List = Field((), repr=False, description="Keys that encrypt tokens at rest, newest first")
    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8090, ge=1, le=65535, description="Port to listen on")
    worker_port: int = Field(
        0, ge=0, le=65535, description="Port on which a worker answers /healthz, /readyz and /metrics; 0: none"
    )
    web_processes: int = Field(1, ge=1, le=64, description="Web processes to start")
    orders_at_once: int = Field(8, ge=1, le=256, description="Orders one worker handles at the same time")
    orders_at_once_per_shop: int = Field(4, ge=1, le=256, description="Of these, for one shop")
    requests_per_minute: int = Field(
        0, ge=0, description="Requests to one shop per minute and process; 0: no limit but the shop's own"
    )
    history_months: int = Field(24, ge=0, le=120, description="How far back orders are read after install")
    history_requests_per_minute: int = Field(60, ge=1, description="Requests per minute for reading history")
    settle_seconds: float = Field(25, ge=0, description="How long an interrupted call may still be at work in the shop")
    keep_after_uninstall_days: int = Field(90, ge=1, description="How long a removed shop's data are kept")
    keep_events_days: int = Field(30, ge=1, description="How long the list of received events is kept")
    max_body_bytes: int = Field(2_000_000, ge=10_000, description="Largest webhook body that is read")
    metrics_token: str = Field("", repr=False, description="What Prometheus must show to read /metrics")
    print_templates: Path | None = Field(None, description="Folder with print templates that go before ours")
    print_fonts: Path | None = Field(None, description="Folder with further fonts for printing")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="How much is logged")
    log_format: Literal["text", "json"] = Field("text", description="How it is logged")

    @field_validator("allowed_saleor_urls", "dashboard_origins", "secret_key", mode="before")
    @classmethod
    def _split_list(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("public_url")
    @classmethod
    def _public_url_is_address(cls, value: str) -> str:
        return _address(value, "the address under which shops reach this app, like https://loyalty.example.com")

    @field_validator("allowed_saleor_urls")
    @classmethod
    def _saleor_urls_are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for url in value:
            _address(url, "the shop's API address, like https://shop.example.com/graphql/", path=True)
        return value

    @field_validator("dashboard_origins")
    @classmethod
    def _origins_are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_address(url, "a dashboard's origin, like https://dashboard.example.com") for url in value)

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        return database_address(value) if value else value

    @field_validator("secret_key")
    @classmethod
    def _keys_are_keys(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for key in value:
            try:
                Fernet(key)
            except ValueError as wrong:
                raise ValueError(
                    "each key is 32 random bytes as urlsafe base64; make one with `saleor-loyalty new-key`"
                ) from wrong
        return value

    @field_validator("print_templates", "print_fonts", mode="before")
    @classmethod
    def _folders_are_there(cls, value: object) -> object:
        if value and not Path(str(value)).is_dir():
            raise ValueError(f"there is no folder {str(value)!r}; make it, or leave the setting out")
        return value or None

    @model_validator(mode="after")
    def _server_database_needs_a_key(self) -> Self:
        if not self.secret_key and self.database_url.startswith("postgresql"):
            raise ValueError(
                "SECRET_KEY: is needed with PostgreSQL, the same on every machine; "
                "make one with `saleor-loyalty new-key`"
            )
        return self

    @property
    def embedded(self) -> bool:
        """Whether everything lives in one SQLite file on this machine."""
        return not self.database_url.startswith("postgresql")

    @property
    def app_database_url(self) -> str:
        """Where the app keeps its tables."""
        return self.database_url or f"sqlite:///{self.data_dir / 'loyalty.sqlite'}"

    @property
    def engine_database_url(self) -> str:
        """Where the engine keeps its own: beside the embedded database, or in the same PostgreSQL."""
        own = self.app_database_url
        return f"{own.removesuffix('.sqlite')}-engine.sqlite" if self.embedded else own

    @cached_property
    def secret_keys(self) -> tuple[str, ...]:
        """Keys, newest first; on the embedded default one is made on first use and kept in the data folder."""
        return self.secret_key or (_generated_key(self.data_dir / "secret.key"),)

    def history_from(self, now: datetime) -> datetime:
        """The day from which the history of a shop is read (months of 30.44 days)."""
        return now - timedelta(days=round(self.history_months * 30.44))

    def allows(self, saleor_api_url: str) -> bool:
        """Whether this exact address is on the allowlist."""
        return saleor_api_url in self.allowed_saleor_urls


def database_address(url: str) -> str:
    """A database's address as SQLAlchemy wants it. Raises ValueError for one that this app can't use."""
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValueError("use sqlite:///path or postgresql://user:password@host/name")
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def load_settings(**values: object) -> Settings:
    """Read and check the settings; arguments win over the environment. Raises SettingsProblem."""
    try:
        return Settings(**values)  # type: ignore[arg-type]
    except ValidationError as invalid:
        lines = []
        for error in invalid.errors():
            name = "LOYALTY_" + str(error["loc"][0]).upper() + ": " if error["loc"] else "LOYALTY_"
            lines.append(name + error["msg"].removeprefix("Value error, "))
        raise SettingsProblem("The settings can't be used:\n" + "\n".join(f"  {line}" for line in lines)) from None


def _address(value: str, example: str, *, path: bool = False) -> str:
    parts = urlsplit(value)
    more = parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in {"http", "https"} or not parts.hostname or more:
        raise ValueError(f"{value!r} is no web address; give {example}")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
        raise ValueError(f"{value!r} must use https; plain http is only for this machine")
    if path:
        return value
    if parts.path not in {"", "/"}:
        raise ValueError(f"{value!r} has a path; give {example}")
    return value.rstrip("/")


def _generated_key(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # O_EXCL: of two processes that start at once, one makes the key and the other reads it.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(Fernet.generate_key().decode())
    return path.read_text().strip()


def new_shop_secret() -> bytes:
    """32 random bytes for one shop's own keyed hashes."""
    return secrets.token_bytes(32)
