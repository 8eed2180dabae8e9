"""What a view works with: the app's means and its doorkeeper."""

from flask import current_app

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.receive_delivery import Doorkeeper


def loyalty() -> App:
    """The app's means of the running Flask app."""
    found: App = current_app.extensions["loyalty"]
    return found


def doorkeeper() -> Doorkeeper:
    """The doorkeeper of the running Flask app."""
    found: Doorkeeper = current_app.extensions["doorkeeper"]
    return found
