"""Logs: one line per thing that happened, as text or JSON; never a token, an e-mail or a name."""

import logging

import structlog

from saleor_loyalty_app.settings import Settings


def start_logging(settings: Settings) -> None:
    """Set up logging for this process."""
    level = getattr(logging, settings.log_level)
    as_json = settings.log_format == "json"
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Values of variables stand in no trace: they could be somebody's name.
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    for chatty in ("gql", "urllib3", "alembic", "dbos"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
