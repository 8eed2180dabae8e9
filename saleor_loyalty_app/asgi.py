"""The ASGI application, made from the environment: `saleor_loyalty_app.asgi:make` for any ASGI server."""

from saleor_loyalty_app.logs import start_logging
from saleor_loyalty_app.services.app import open_app
from saleor_loyalty_app.settings import load_settings
from saleor_loyalty_app.web import create_app
from saleor_loyalty_app.web.door import Door


def make() -> Door:
    """Open the app's means and make the web half over them."""
    settings = load_settings()
    start_logging(settings)
    return Door(create_app(open_app(settings)), settings)
