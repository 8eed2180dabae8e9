"""The WSGI application, made from the environment: `saleor_loyalty_app.wsgi:make` for any WSGI server."""

from flask import Flask

from saleor_loyalty_app.logs import start_logging
from saleor_loyalty_app.services.app import open_app
from saleor_loyalty_app.settings import load_settings
from saleor_loyalty_app.web import create_app


def make() -> Flask:
    """Open the app's means and make the Flask app."""
    settings = load_settings()
    start_logging(settings)
    return create_app(open_app(settings))
