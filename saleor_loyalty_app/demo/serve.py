"""Serves a furnished demo shop with its mini dashboard: python -m saleor_loyalty_app.demo.serve --port 8010."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask, Response, jsonify, request
from granian import Granian
from granian.constants import Interfaces

from saleor_loyalty_app.demo.apps import InstallationFailed
from saleor_loyalty_app.demo.dashboard import create_dashboard
from saleor_loyalty_app.demo.mischief import AS_RECORDED, CALM
from saleor_loyalty_app.demo.people import furnish
from saleor_loyalty_app.demo.shop import Shop
from saleor_loyalty_app.demo.shop_app import create_shop_app
from saleor_loyalty_app.demo.traffic import Traffic


@dataclass(frozen=True, slots=True)
class ShopOptions:
    """How a served shop is made. Without `unhurried` webhooks go out at once."""

    port: int = 8010
    seed: int = 1
    people: int = 300
    days: int = 730
    version: str = "3.23.28"
    unhurried: bool = False
    time_scale: float = 1.0
    orders_without_origin: bool = False


def make_app(options: ShopOptions) -> Flask:
    """A furnished shop, its dashboard at /, its API at /graphql/, and what a story needs at /demo/."""
    shop = Shop(
        api_url=f"http://127.0.0.1:{options.port}/graphql/",
        name="Kontor & Leaf",
        version=options.version,
        seed=options.seed,
        mischief=AS_RECORDED if options.unhurried else CALM,
        time_scale=options.time_scale,
        orders_without_origin=options.orders_without_origin,
    )
    furnished = furnish(shop, seed=options.seed, people=options.people, days=options.days)
    traffic = Traffic(shop, furnished, seed=options.seed)
    shop.deliveries.start()
    app = create_shop_app(shop)
    app.register_blueprint(create_dashboard(shop, traffic, furnished.admin))
    _add_story_routes(app, shop, traffic)
    return app


def _add_story_routes(app: Flask, shop: Shop, traffic: Traffic) -> None:
    """What another process may ask for: install an app, let people buy, wait, count."""

    @app.post("/demo/install")
    def install() -> tuple[Response, int]:
        try:
            installed = shop.apps.install(str(_asked()["manifest_url"]))
        except InstallationFailed as failed:
            return jsonify(error=str(failed)), 422
        return jsonify(id=installed.id, name=installed.name), 200

    @app.post("/demo/orders")
    def orders() -> Response:
        asked = _asked()
        placed = traffic.orders(
            int(asked.get("count", 1)),
            refunds=float(asked.get("refunds", 0)),
            cancellations=float(asked.get("cancellations", 0)),
        )
        return jsonify(orders=[{"id": each.id, "number": each.number, "email": each.user_email} for each in placed])

    @app.post("/demo/cancel")
    def cancel() -> Response:
        order = next(order for order in shop.orders.by_key.values() if order.id == _asked().get("id"))
        shop.desk.cancel(order)
        return jsonify(status=order.status)

    @app.post("/demo/settle")
    def settle() -> Response:
        try:
            shop.settle(float(_asked().get("timeout_seconds", 10)))
        except TimeoutError:
            return jsonify(settled=False)
        return jsonify(settled=True)

    @app.get("/demo/state")
    def state() -> Response:
        return jsonify(
            orders=len(shop.orders.by_key),
            customers=len(shop.customers.by_key),
            pending=len(shop.deliveries.pending()),
            sent=len(shop.deliveries.sent),
            failed=len(shop.deliveries.failed),
            calls=dict(shop.calls),
        )


def _asked() -> dict[str, Any]:
    asked = request.get_json(silent=True)
    return asked if isinstance(asked, dict) else {}


def _load(options: ShopOptions) -> Callable[..., Any]:
    return make_app(options)


def serve(options: ShopOptions) -> None:
    """Serve until stopped; one process, as the shop lives in its memory."""
    Granian(
        "saleor_loyalty_app.demo.serve",
        address="127.0.0.1",
        port=options.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=16,
        log_enabled=False,
    ).serve(target_loader=partial(_load, options), wrap_loader=False)


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description="Serve a furnished demo shop with its mini dashboard on loopback.")
    parser.add_argument("--port", type=int, default=8010)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--version", default="3.23.28", help="the Saleor to play, e.g. 3.22.67")
    parser.add_argument("--unhurried", action="store_true", help="deliver webhooks as late and mixed as recorded")
    parser.add_argument("--time-scale", type=float, default=1.0, help="shorten the waits between tries of a webhook")
    parser.add_argument("--orders-without-origin", action="store_true")
    serve(ShopOptions(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
