"""The Flask app: where installs enter, and where staff see everything."""

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

from saleor_loyalty_app.files import project_path
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.receive_delivery import Doorkeeper
from saleor_loyalty_app.web import (
    compression,
    cost_pages,
    customer_lists,
    customer_pages,
    desk_change_pages,
    desk_pages,
    desk_sessions,
    errors,
    headers,
    health,
    health_pages,
    install,
    metrics,
    note_pages,
    outline_pages,
    pages,
    panel,
    parcel_change_pages,
    parcel_lists,
    parcel_pages,
    person_pages,
    plain_text,
    print_job_pages,
    print_pages,
    program_check_pages,
    program_delivery_pages,
    program_draft_pages,
    program_pages,
    program_pieces,
    program_text_pages,
    request_reference,
    stationery_pages,
    widgets,
    words,
)
from saleor_loyalty_app.web.auth import permission_name
from saleor_loyalty_app.web.remembered import dashboard, surroundings

PARTS = (
    install,
    health,
    metrics,
    pages,
    panel,
    parcel_lists,
    parcel_pages,
    parcel_change_pages,
    note_pages,
    print_pages,
    print_job_pages,
    stationery_pages,
    outline_pages,
    customer_lists,
    customer_pages,
    person_pages,
    desk_pages,
    desk_change_pages,
    desk_sessions,
    cost_pages,
    health_pages,
    program_pages,
    program_draft_pages,
    program_delivery_pages,
    program_pieces,
    program_check_pages,
    program_text_pages,
    widgets,
)


class RowNumber(IntegerConverter):
    """The number of a row in an address; one that no database can hold is not found."""

    def __init__(self, addresses: Map, **options: Any) -> None:
        super().__init__(addresses, **{"max": 2**63 - 1, **options})


def create_app(app: App) -> Flask:
    """The pages of the app: all of its web half but the webhooks."""
    web = Flask(
        "saleor_loyalty_app.web",
        template_folder=str(project_path("templates")),
        static_folder=str(project_path("templates/static")),
        static_url_path="/static",
    )
    web.config["MAX_CONTENT_LENGTH"] = app.settings.max_body_bytes
    web.extensions["loyalty"] = app
    web.extensions["doorkeeper"] = Doorkeeper(app)
    web.url_map.converters["int"] = RowNumber
    request_reference.register(web)
    for part in PARTS:
        web.register_blueprint(part.blueprint)
    words.register(web)
    web.jinja_env.globals.update(remembered=surroundings, dashboard=dashboard)
    web.jinja_env.filters["permission_name"] = permission_name
    errors.register(web)
    plain_text.register(web)
    headers.register(web, app.settings)
    compression.register(web)
    return web


def create_monitor(app: App) -> Flask:
    """What monitors ask, and nothing else: for a worker, which serves no pages."""
    web = Flask("saleor_loyalty_app.monitor", static_folder=None)
    web.extensions["loyalty"] = app
    for part in (health, metrics):
        web.register_blueprint(part.blueprint)
    errors.register(web)
    plain_text.register(web)
    return web
