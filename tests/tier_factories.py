"""Programs, purchases and days for the tests of tiers; every field has a default."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tier_outlook import outlook
from saleor_loyalty_app.domain.tier_rules import decide_tier
from saleor_loyalty_app.domain.tiers import Decision, Membership, Outlook, Purchase


def rolling(days: int = 365) -> dict[str, Any]:
    return {"kind": "rolling", "days": days}


YEAR: dict[str, Any] = {"kind": "calendar_year"}
LIFETIME: dict[str, Any] = {"kind": "lifetime"}


def asks(spend: str | None = None, orders: int | None = None, **more: Any) -> dict[str, Any]:
    return {"spend": spend, "orders": orders, **more}


def a_tier(id: str = "gold", enter: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"id": id, "name": {"en": id.capitalize(), "de": id.capitalize()}, "enter": enter or asks("500"), **more}


def a_program(*tiers: dict[str, Any], **more: Any) -> Program:
    start = {
        "name": "Regulars",
        "currency": "EUR",
        "sender": {"name": "Maria"},
        "languages": ["en", "de"],
        "tiers": tiers or (a_tier(),),
    }
    return Program.model_validate({**start, **more})


def three_tiers(**more: Any) -> Program:
    tiers = [a_tier(id, asks(spend), **more) for id, spend in (("bronze", "100"), ("silver", "300"), ("gold", "500"))]
    return a_program(*tiers)


def moment(text: str) -> datetime:
    """A moment in UTC; a bare day means its noon."""
    return datetime.fromisoformat(text if "T" in text else f"{text}T12:00").replace(tzinfo=UTC)


def bought(when: str, worth_minor: int = 10_000) -> Purchase:
    return Purchase(placed_at=moment(when), worth_minor=worth_minor)


def a_member(tier: str = "gold", since: str = "2026-01-01", **more: Any) -> Membership:
    return Membership(tier=tier, since=moment(since), **{"keep_version": 1, **more})


@dataclass
class Customer:
    """A customer with a history, decided about again and again as days pass."""

    programs: Mapping[int, Program] = field(default_factory=lambda: {1: a_program()})
    purchases: list[Purchase] = field(default_factory=list)
    membership: Membership = field(default_factory=Membership)
    version: int = 1

    def asked(self, now: str | datetime) -> dict[str, Any]:
        return {
            "purchases": self.purchases,
            "membership": self.membership,
            "programs": self.programs,
            "version": self.version,
            "now": moment(now) if isinstance(now, str) else now,
        }

    def decide(self, now: str | datetime) -> Decision | None:
        """One decision, applied."""
        decision = decide_tier(**self.asked(now))
        if decision:
            self.membership = decision.membership
        return decision

    def review(self, now: str | datetime) -> list[Decision]:
        """All decisions that are due, applied, as a service does it."""
        made = []
        while decision := self.decide(now):
            made.append(decision)
            assert len(made) < 10, "the rules never come to rest"
        return made

    def kinds(self, now: str | datetime) -> list[str]:
        return [decision.kind.value for decision in self.review(now)]

    def outlook(self, now: str | datetime) -> Outlook:
        return outlook(**self.asked(now))


def a_customer(*programs: Program, purchases: Iterable[Purchase] = (), **more: Any) -> Customer:
    """A customer of a shop whose program versions are 1, 2 … in this order; version 1 holds."""
    versions = dict(enumerate(programs, 1)) or {1: a_program()}
    return Customer(programs=versions, purchases=list(purchases), **more)


def days_after(day: date, days: int) -> datetime:
    return datetime.fromordinal(day.toordinal() + days).replace(hour=12, tzinfo=UTC)
