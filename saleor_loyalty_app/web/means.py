"""What a view works with: the app's means, its doorkeeper, and the rules in force in the viewer's shop."""

import time

from flask import current_app, g
from sqlalchemy import Connection

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.receive_delivery import Doorkeeper
from saleor_loyalty_app.store import programs, tiers
from saleor_loyalty_app.web.words import use_zone

MANY_CUSTOMERS = 100_000
COUNT_HOLDS_SECONDS = 60


def loyalty() -> App:
    """The app's means of the running Flask app."""
    found: App = current_app.extensions["loyalty"]
    return found


def doorkeeper() -> Doorkeeper:
    """The doorkeeper of the running Flask app."""
    found: Doorkeeper = current_app.extensions["doorkeeper"]
    return found


def program_in_force(db: Connection) -> Program:
    """The current rules of the viewer's shop; days are written in their time zone from here on."""
    program = program_of_version(db, g.shop.program_version or 1)
    use_zone(program.zone)
    return program


def program_of_version(db: Connection, version: int) -> Program:
    """The rules under which something was decided."""
    return programs.program_version(db, g.shop.id, version).program


def members_by_tier(db: Connection) -> dict[str | None, int]:
    """How many customers of the viewer's shop stand in each tier (None: in none).

    Where there are MANY_CUSTOMERS, a count is shown for a minute: a million take 0.15 s, which no page should wait for
    again and again.
    """
    counted: dict[int, tuple[float, dict[str | None, int]]] = current_app.extensions.setdefault("members_by_tier", {})
    counted_at, members = counted.get(g.shop.id, (float("-inf"), {}))
    if time.monotonic() - counted_at > COUNT_HOLDS_SECONDS:
        members = tiers.members_by_tier(db, g.shop.id)
        if sum(members.values()) > MANY_CUSTOMERS:
            counted[g.shop.id] = (time.monotonic(), members)
    return members
