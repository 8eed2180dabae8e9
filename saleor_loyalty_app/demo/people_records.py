"""Who deals with a shop: customers, staff, addresses, apps with their webhooks and problems."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from saleor_loyalty_app.demo.ids import global_id


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; `country` is its two-letter code."""

    TYPE: ClassVar[str] = "Address"
    pk: int
    first_name: str
    last_name: str
    street_address1: str
    city: str
    postal_code: str
    country_code: str
    company_name: str = ""
    phone: str = ""
    street_address2: str = ""
    city_area: str = ""
    country_area: str = ""

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(self.TYPE, self.pk)


@dataclass(slots=True, eq=False)
class User:
    """A customer or a staff member. `session_key` is what a token must carry to be of use."""

    TYPE: ClassVar[str] = "User"
    pk: int
    email: str
    first_name: str
    last_name: str
    date_joined: datetime
    updated_at: datetime
    session_key: str
    language_code: str = "EN"
    is_staff: bool = False
    is_active: bool = True
    is_confirmed: bool = True
    note: str = ""
    external_reference: str | None = None
    last_login: datetime | None = None
    default_shipping_address: Address | None = None
    permission_codes: frozenset[str] = frozenset()
    metadata: dict[str, str] = field(default_factory=dict)
    private_metadata: dict[str, str] = field(default_factory=dict)
    deleted: bool = False

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(self.TYPE, self.pk)

    @property
    def full_name(self) -> str:
        """Both names, as far as they are known."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(slots=True, eq=False)
class Webhook:
    """Where an app wants to hear of which events, and the query that says what it wants to know."""

    TYPE: ClassVar[str] = "Webhook"
    pk: int
    app: "App"
    name: str
    target_url: str
    events: tuple[str, ...]
    subscription_query: str | None
    is_active: bool = True
    identifier: str | None = None
    custom_headers: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(self.TYPE, self.pk)


@dataclass(slots=True)
class Problem:
    """Something that an app tells staff; the same key within an hour is counted, not doubled."""

    TYPE: ClassVar[str] = "AppProblem"
    pk: int
    key: str
    message: str
    created_at: datetime
    updated_at: datetime
    count: int = 1
    is_critical: bool = False
    dismissed_by: str | None = None

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(self.TYPE, self.pk)


@dataclass(slots=True, eq=False)
class Extension:
    """A place in the dashboard that an app fills: a widget, a page, a menu entry."""

    TYPE: ClassVar[str] = "AppExtension"
    pk: int
    label: str
    url: str
    mount: str
    target: str
    permissions: frozenset[str]
    options: dict[str, Any]

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(self.TYPE, self.pk)

    @property
    def method(self) -> str:
        """How a widget or a new tab is opened: GET or POST."""
        target = self.options.get("widgetTarget") or self.options.get("newTabTarget") or {}
        return str(target.get("method", "GET"))


@dataclass(slots=True, eq=False)
class App:
    """An installed app with its token, permissions, webhooks, extensions and problems."""

    TYPE: ClassVar[str] = "App"
    pk: int
    identifier: str
    name: str
    version: str
    token: str
    permission_codes: frozenset[str]
    manifest: dict[str, Any]
    is_active: bool = True
    deleted: bool = False
    webhooks: list[Webhook] = field(default_factory=list)
    extensions: list[Extension] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    private_metadata: dict[str, str] = field(default_factory=dict)
    logo: bytes | None = None

    @property
    def id(self) -> str:
        """The global id."""
        return global_id(self.TYPE, self.pk)

    @property
    def url(self) -> str:
        """The app's own address, under which its pages stand."""
        return str(self.manifest.get("appUrl") or "")
