"""Runs a demo shop inside this process, on loopback, for tests."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Blueprint
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from saleor_loyalty_app.demo.shop import Shop
from saleor_loyalty_app.demo.shop_app import create_shop_app

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class DemoShop:
    """A shop that answers at `api_url`; `shop` is its state, to act upon."""

    shop: Shop
    api_url: str
    port: int

    @property
    def jwks_url(self) -> str:
        """Where its keys stand."""
        return self.api_url.replace("/graphql/", "/.well-known/jwks.json")


@contextmanager
def running_shop(
    port: int = 0,
    *,
    host: str = LOOPBACK,
    furnish: Callable[[Shop], Blueprint | None] | None = None,
    **settings: Any,
) -> Iterator[DemoShop]:
    """A shop that is served as long as the block runs. settings are those of Shop; port 0 takes a free one.

    With another `host` it listens to all of this machine, under the name localhost.

    `furnish` fills the shop before it opens, and may return pages to serve beside its API: the mini dashboard.
    Webhooks are tried again a thousand times faster than in life, unless time_scale says otherwise.
    """
    shop = Shop(**({"time_scale": 0.001} | settings))
    web = create_shop_app(shop)
    if furnish and (pages := furnish(shop)):
        web.register_blueprint(pages)
    listen, name = (LOOPBACK, LOOPBACK) if host == LOOPBACK else ("0.0.0.0", "localhost")  # noqa: S104 - as was asked
    server = make_server(listen, port, web, threaded=True, request_handler=_Quiet)
    shop.api_url = f"http://{name}:{server.server_port}/graphql/"
    thread = threading.Thread(target=_serve, args=(server,), daemon=True, name="demo-shop")
    thread.start()
    shop.deliveries.start()
    try:
        yield DemoShop(shop, shop.api_url, server.server_port)
    finally:
        shop.deliveries.stop()
        server.shutdown()
        server.server_close()
        thread.join(5)


def _serve(server: BaseWSGIServer) -> None:
    server.serve_forever(poll_interval=0.05)


class _Quiet(WSGIRequestHandler):
    """Writes no line for each request."""

    def log_request(self, *_arguments: Any) -> None:
        """Say nothing."""
