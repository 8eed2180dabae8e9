"""An app of our own making, to be installed in the demo shop: it serves a manifest and keeps what it is sent."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from flask import Flask, Response, jsonify, request
from werkzeug.serving import WSGIRequestHandler, make_server

from saleor_loyalty_app.files import project_text

ALL = ["MANAGE_ORDERS", "MANAGE_USERS", "MANAGE_DISCOUNTS", "MANAGE_GIFT_CARD", "MANAGE_SHIPPING", "MANAGE_PRODUCTS"]
EVENTS = [
    "OrderCreated",
    "OrderUpdated",
    "OrderConfirmed",
    "OrderFullyPaid",
    "OrderRefunded",
    "OrderFullyRefunded",
    "OrderFulfilled",
    "OrderCancelled",
    "OrderExpired",
    "OrderBulkCreated",
    "CustomerUpdated",
    "AccountConfirmed",
    "AccountDeleted",
    "AppDeleted",
    "AppStatusChanged",
]


@dataclass(frozen=True)
class Sent:
    """One request that came from the shop."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """What came, and how to answer: `answers` are taken first, then 200."""

    url: str = ""
    webhooks: list[Sent] = field(default_factory=list)
    manifest_headers: list[dict[str, str]] = field(default_factory=list)
    token_requests: list[Sent] = field(default_factory=list)
    app_during_token: Any = None
    answers: list[int] = field(default_factory=list)
    token_answer: tuple[int, dict[str, Any]] = (200, {"success": True})
    manifest: dict[str, Any] = field(default_factory=dict)
    logo_fetched: int = 0

    @property
    def manifest_url(self) -> str:
        return f"{self.url}/api/manifest"

    @property
    def token(self) -> str:
        return str(self.token_requests[-1].json["auth_token"])

    @property
    def events(self) -> list[str]:
        """The types of what came, in order of arrival."""
        return [each.json["__typename"] for each in self.webhooks]

    def clear(self) -> None:
        self.webhooks.clear()


def webhook_of(receiver: Receiver, type_name: str) -> dict[str, Any]:
    query = project_text(f"graphql/subscriptions/{type_name}.graphql")
    return {"name": type_name, "targetUrl": f"{receiver.url}/hook", "query": query}


def plain_manifest(receiver: Receiver) -> dict[str, Any]:
    return {
        "id": "demo.receiver",
        "name": "Receiver",
        "version": "1.0.0",
        "permissions": list(ALL),
        "requiredSaleorVersion": ">=3.22 <4",
        "appUrl": receiver.url,
        "tokenTargetUrl": f"{receiver.url}/api/register",
        "brand": {"logo": {"default": f"{receiver.url}/logo.png"}},
        "extensions": [
            {
                "label": "Parcel",
                "mount": "ORDER_DETAILS_WIDGETS",
                "target": "WIDGET",
                "permissions": ["MANAGE_ORDERS"],
                "url": f"{receiver.url}/widget",
                "options": {"widgetTarget": {"method": "POST"}},
            },
            {"label": "Page", "mount": "NAVIGATION_ORDERS", "target": "APP_PAGE", "url": "/page"},
        ],
        "webhooks": [webhook_of(receiver, name) for name in EVENTS],
    }


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_arguments: Any) -> None:
        pass


@contextmanager
def running_receiver() -> Iterator[Receiver]:
    receiver, web = Receiver(), Flask("receiver")

    @web.get("/api/manifest")
    def manifest() -> Response:
        receiver.manifest_headers.append(dict(request.headers))
        return jsonify(receiver.manifest)

    @web.get("/logo.png")
    def logo() -> Response:
        receiver.logo_fetched += 1
        return Response(b"png", mimetype="image/png")

    @web.post("/api/register")
    def register() -> tuple[Response, int]:
        receiver.token_requests.append(Sent(request.path, dict(request.headers), request.get_data()))
        answer = requests.post(
            request.headers["Saleor-Api-Url"],
            json={"query": "{app{id identifier}}"},
            headers={"Authorization": f"Bearer {receiver.token}"},
            timeout=30,
        )
        receiver.app_during_token = answer.json()["data"]["app"]
        code, content = receiver.token_answer
        return jsonify(content), code

    @web.post("/hook")
    def hook() -> tuple[str, int]:
        receiver.webhooks.append(Sent(request.path, dict(request.headers), request.get_data()))
        return "seen", receiver.answers.pop(0) if receiver.answers else 200

    server = make_server("127.0.0.1", 0, web, threaded=True, request_handler=_Quiet)
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    receiver.manifest = plain_manifest(receiver)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
