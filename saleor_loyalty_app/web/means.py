"""What a view works with: the app's means, its doorkeeper, and the rules in force in the viewer's shop."""

from flask import current_app, g
from sqlalchemy import Connection

from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.receive_delivery import Doorkeeper
from saleor_loyalty_app.store import programs
from saleor_loyalty_app.web.words import use_zone


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
