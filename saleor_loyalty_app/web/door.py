"""Where every request enters, as ASGI has it: webhooks are answered on the event loop, pages by Flask in threads."""

from typing import cast

from a2wsgi import WSGIMiddleware
from a2wsgi.asgi_typing import HTTPRequestEvent, HTTPScope, Receive, Scope, Send
from a2wsgi.wsgi_typing import WSGIApp
from flask import Flask

from saleor_loyalty_app.saleor.manifest import WEBHOOKS_PATH
from saleor_loyalty_app.services.keep_picture import LARGEST_REQUEST
from saleor_loyalty_app.settings import Settings
from saleor_loyalty_app.web.bodies import Bodies, BodyRefused, SenderGone
from saleor_loyalty_app.web.webhooks import Webhooks

PAGES_AT_ONCE = 16


class Door:
    """The web half of the app, for any ASGI server (docs/decisions/0010-webhooks-on-an-event-loop.md)."""

    def __init__(self, pages: Flask, settings: Settings) -> None:
        self._bodies = Bodies()
        self._webhooks = Webhooks(pages.extensions["doorkeeper"], self._bodies, settings)
        # Without an end of the queue, nobody who takes an answer slowly holds a thread.
        self._pages = WSGIMiddleware(cast(WSGIApp, pages), workers=PAGES_AT_ONCE, send_queue_size=0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or what the server says of its own beginning and end."""
        try:
            if scope["type"] != "http":
                await self._pages(scope, receive, send)
            elif scope["path"] == WEBHOOKS_PATH:
                await self._webhooks(scope, receive, send)
            else:
                await self._pages(*await self._read(scope, receive), send)
        except SenderGone:
            return

    async def _read(self, scope: HTTPScope, receive: Receive) -> tuple[HTTPScope, Receive]:
        """A request whose body is here. Of one that was refused the length stays: the pages say what is wrong."""
        try:
            body = await self._bodies.read(scope["method"], dict(scope["headers"]), receive, most_bytes=LARGEST_REQUEST)
            length = len(body)
        except BodyRefused as refused:
            body, length = b"", LARGEST_REQUEST + 1 if refused.status == 413 else 1

        async def given() -> HTTPRequestEvent:
            return {"type": "http.request", "body": body, "more_body": False}

        headers = [header for header in scope["headers"] if header[0] not in {b"content-length", b"transfer-encoding"}]
        return {**scope, "headers": [*headers, (b"content-length", b"%d" % length)]}, given
