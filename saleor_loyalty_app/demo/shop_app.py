"""The demo shop as a web application: GraphQL, the key set, and (when asked for) the mini dashboard."""

import json
import socket
import time
from typing import Any

from flask import Flask, Response, request

from saleor_loyalty_app.demo.api.caller import identify
from saleor_loyalty_app.demo.api.execute import answer, operation_name
from saleor_loyalty_app.demo.mischief import Trouble
from saleor_loyalty_app.demo.shop import Shop


def create_shop_app(shop: Shop) -> Flask:
    """The WSGI application of a shop."""
    app = Flask("saleor_loyalty_app.demo", root_path=None, static_folder=None)

    @app.get("/.well-known/jwks.json")
    def jwks() -> Response:
        return _json(200, shop.keys.jwks())

    @app.get("/graphql/")
    def playground() -> Response:
        return Response("<!DOCTYPE html><title>GraphQL Playground</title>", mimetype="text/html")

    @app.post("/graphql/")
    def graphql() -> Response:
        return _graphql(shop)

    return app


def _graphql(shop: Shop) -> Response:
    try:
        body = json.loads(request.get_data())
    except ValueError:
        body = None
    name = operation_name(body)
    shop.calls[name or ""] += 1
    trouble = shop.fate.of_call(name)
    if trouble.wait_seconds:
        time.sleep(trouble.wait_seconds)
    if trouble.kind is not None and not trouble.after_effect and trouble.kind != "errors-beside-data":
        return _failed(shop, trouble, {"data": None})
    header = request.headers.get("Authorization-Bearer")
    with shop.lock:
        caller = identify(shop, f"Bearer {header}" if header else request.headers.get("Authorization", ""))
    code, result = answer(shop, body, caller)
    return _json(code, result) if trouble.kind is None else _failed(shop, trouble, result)


def _failed(shop: Shop, trouble: Trouble, result: dict[str, Any]) -> Response:
    """A failure of a certain kind; `result` is what the answer would have been."""
    if trouble.kind == "429":
        wait = str(shop.fate.mischief.retry_after_seconds)
        return Response("Too Many Requests", 429, {"Retry-After": wait}, mimetype="text/plain")
    if trouble.kind == "broken-json":
        text = json.dumps(result)
        return Response(text[: len(text) // 2], 200, mimetype="application/json")
    if trouble.kind == "errors-beside-data":
        return _json(200, _spoilt(result))
    if trouble.kind == "stall":
        time.sleep(shop.fate.mischief.stall_seconds)
    if trouble.kind in ("cut", "stall"):
        _cut_connection()
    return Response("<h1>Server Error (500)</h1>", 500, mimetype="text/html")


def _spoilt(result: dict[str, Any]) -> dict[str, Any]:
    """The answer with its first field lost to an error, as when one service behind the API is down."""
    data = dict(result.get("data") or {})
    if not data:
        return result
    first = next(iter(data))
    error = {
        "message": "Internal Server Error",
        "locations": [{"line": 1, "column": 2}],
        "path": [first],
        "extensions": {"exception": {"code": "OperationalError"}},
    }
    return result | {"errors": [*result.get("errors", []), error], "data": data | {first: None}}


def _cut_connection() -> None:
    """Close the caller's connection without an answer, where the server lets us reach it."""
    connection = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)


def _json(code: int, content: dict[str, Any]) -> Response:
    return Response(json.dumps(content), code, mimetype="application/json")
