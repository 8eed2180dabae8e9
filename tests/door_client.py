"""A client of the whole web half, webhooks and pages: its requests reach the door as a server would bring them."""

from collections.abc import Iterable
from typing import Any

from loops import in_a_loop
from werkzeug.test import Client

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.web import create_app
from saleor_loyalty_app.web.door import Door


def door_client(app: App) -> Client:
    """A client of a door of its own."""
    return client_of(Door(create_app(app), app.settings))


def client_of(door: Door) -> Client:
    """A client of this door; each request has an event loop of its own."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        async def receive() -> Any:
            return {"type": "http.request", "body": environ["wsgi.input"].read(), "more_body": False}

        status, headers, body = in_a_loop(answer(door, scope_of(environ), receive))
        start_response(f"{status} ", [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers])
        return [body]

    return Client(application)


async def answer(door: Door, scope: Any, receive: Any) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """What is answered to one request: status, headers and body. Without an answer, status 0."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await door(scope, receive, send)
    if not sent:
        return 0, [], b""
    return sent[0]["status"], sent[0]["headers"], b"".join(message["body"] for message in sent[1:])


def scope_of(environ: dict[str, Any]) -> Any:
    """A request as a server would describe it."""
    named = {name[5:]: value for name, value in environ.items() if name.startswith("HTTP_")}
    named |= {name: environ[name] for name in ("CONTENT_LENGTH", "CONTENT_TYPE") if environ.get(name)}
    return {
        "type": "http",
        "http_version": "1.1",
        "method": environ["REQUEST_METHOD"],
        "scheme": "http",
        "path": environ["PATH_INFO"].encode("latin-1").decode(errors="replace"),
        "query_string": environ["QUERY_STRING"].encode("latin-1"),
        "root_path": "",
        "headers": [
            (name.lower().replace("_", "-").encode(), value.encode("latin-1")) for name, value in named.items()
        ],
        "client": ("127.0.0.1", 40_000),
        "server": ("localhost", 80),
    }
