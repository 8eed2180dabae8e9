"""Logs: one line per thing that happened, as text or JSON; never a token, an e-mail or a name."""

import logging
from types import TracebackType

import structlog
from structlog.tracebacks import extract

from saleor_loyalty_app.settings import Settings

Trouble = tuple[type[BaseException], BaseException, TracebackType | None]


def places(exc_info: Trouble) -> str:
    """Where something went wrong, and its kind: not its words and no values, which could be somebody's name."""
    lines = []
    for stack in reversed(extract(*exc_info, show_locals=False).stacks):
        lines += [f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}' for frame in stack.frames]
        lines.append(stack.exc_type)
    return "\n".join(lines)


render_trouble = structlog.processors.ExceptionRenderer(places)


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
            render_trouble,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    of_libraries = logging.StreamHandler()
    of_libraries.setFormatter(_Places("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[of_libraries])
    for chatty in ("gql", "urllib3", "alembic", "dbos"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


class _Places(logging.Formatter):
    """What libraries log, with their trouble told as ours."""

    def formatException(self, ei: object) -> str:  # noqa: N802 - the library's name
        return places(ei)  # type: ignore[arg-type]
