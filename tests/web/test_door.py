"""Every request enters by one door: what its head says reaches the pages as it was said, and never leads to a 500."""

from typing import Any

import pytest
from door_client import answer, door_client
from factories import add_installed_shop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loops import in_a_loop

from saleor_loyalty_app.saleor.manifest import WEBHOOKS_PATH
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.web import create_app
from saleor_loyalty_app.web.door import Door


@pytest.fixture
def door(app: App) -> Door:
    add_installed_shop(app)
    return Door(create_app(app), app.settings)


def test_pages_are_served_beside_the_webhooks(app: App) -> None:
    client = door_client(app)
    assert client.get("/healthz").json == {"status": "ok"}
    manifest = client.get("/api/manifest")
    assert {hook["targetUrl"] for hook in manifest.json["webhooks"]} == {app.settings.public_url + WEBHOOKS_PATH}
    assert client.get("/static/panel.css").status_code == 200
    assert client.get("/panel/?locale=de").status_code == 401
    assert client.get(f"{WEBHOOKS_PATH}/").status_code == 404


def test_both_halves_say_the_same_in_their_headers(app: App) -> None:
    client = door_client(app)
    page, webhook = (
        client.get(path, headers={"X-Request-ID": "12345678"}).headers for path in ("/healthz", WEBHOOKS_PATH)
    )
    for name in (
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "Referrer-Policy",
        "Cache-Control",
        "X-Request-ID",
    ):
        assert page[name] == webhook[name] != ""


TOKEN = st.text("abcdefghijklmnopqrstuvwxyz-_!#$%&'*+.^`|~0123456789", min_size=1, max_size=20)
KNOWN = st.sampled_from(["accept", "accept-language", "authorization", "content-encoding", "content-type", "cookie",
                         "desk-token", "forwarded", "host", "hx-request", "if-none-match", "origin", "range", "referer",
                         "saleor-api-url", "saleor-signature", "x-forwarded-for", "x-request-id"])  # fmt: skip
VALUE = st.binary(max_size=40).filter(lambda value: not set(value) & {0, 10, 13})
PATHS = st.sampled_from([WEBHOOKS_PATH, "/", "/panel/", "/panel/desks/enter", "/api/manifest", "/api/register",
                         "/static/panel.css", "/widgets/order", "/readyz"])  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "PUT", "TRACE"]),
    path=PATHS | st.text(max_size=30).map(lambda path: f"/{path}"),
    query=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40),
    headers=st.lists(st.tuples((TOKEN | KNOWN).map(str.encode), VALUE), max_size=6),
    body=st.binary(max_size=60),
)
def test_no_head_leads_to_a_500(
    door: Door, *, method: str, path: str, query: str, headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    scope: Any = {
        "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "path": path,
        "query_string": query.encode(), "root_path": "", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 9),
        "headers": [*headers, (b"content-length", b"%d" % len(body))],
    }  # fmt: skip

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    status, _, _ = in_a_loop(answer(door, scope, receive))
    assert 200 <= status < 500
