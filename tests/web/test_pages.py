"""What anybody may see: the empty shell, the public pages, the static files, and the headers on each."""

import gzip
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from saleor_loyalty_app.files import project_path
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.keep_house import VIEWERS_KEPT
from saleor_loyalty_app.web import create_app

SHELL_PATHS = ("/", "/parcels", "/parcels/BR-ABCDEFGH", "/orders/7", "/order?orderId=T3JkZXI6MQ%3D%3D", "/customers",
               "/customers/3", "/customer?customerId=VXNlcjox", "/program", "/program/edit", "/program/mode",
               "/program/versions/2")  # fmt: skip


@pytest.fixture
def client(app: App) -> FlaskClient:
    return create_app(app).test_client()


def test_the_shell_is_the_same_at_each_of_its_addresses_and_holds_nothing_from_them(client: FlaskClient) -> None:
    texts = {client.get(path).text for path in (*SHELL_PATHS, "/again", "/parcels/", "/again/program/versions/2")}
    assert len(texts) == 1
    assert "T3Jk" not in texts.pop()


@pytest.mark.parametrize(
    ("query", "root"),
    [
        ("?theme=dark", '<html lang="en" data-theme="dark">'),
        ("?theme=light&theme=light", '<html lang="en" data-theme="light">'),
        ('?theme="><script>', '<html lang="en">'),
        ("", '<html lang="en">'),
    ],
)
def test_the_theme_comes_from_the_query_and_is_one_of_two(client: FlaskClient, query: str, root: str) -> None:
    assert root in client.get(f"/{query}").text


def test_a_double_slash_from_the_dashboard_still_finds_the_page(client: FlaskClient) -> None:
    assert client.get("//parcels?theme=dark", follow_redirects=True).status_code == 200


def test_pages_may_load_only_our_own_files_and_set_no_cookie(client: FlaskClient) -> None:
    for path in (*SHELL_PATHS, "/privacy", "/about", "/support"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "frame-ancestors" in answer.headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer.headers
        assert "Set-Cookie" not in answer.headers
        assert not re.search(r'<script(?![^>]*src=)|\sstyle=|\son\w+=|(?:src|href)="https?:', answer.text), path


@pytest.mark.parametrize("page", ["privacy", "about", "support"])
def test_public_pages_speak_both_languages(client: FlaskClient, page: str) -> None:
    english, german = client.get(f"/{page}").text, client.get(f"/{page}?lang=de").text
    assert '<html lang="en">' in english
    assert '<html lang="de">' in german
    assert german != english
    assert client.get(f"/{page}", headers={"Accept-Language": "de-CH"}).text == german


def test_the_privacy_page_names_the_times_that_are_set(client: FlaskClient, app: App) -> None:
    text = client.get("/privacy").text
    assert f"{app.settings.keep_events_days} days" in text
    assert f"{app.settings.keep_after_uninstall_days} days" in text
    assert f"Theme and language of staff: {VIEWERS_KEPT.days} days" in text
    assert "keyed hash" in text
    assert "geschützter Prüfwert" in client.get("/privacy?lang=de").text


def test_every_file_that_a_page_asks_for_is_there(client: FlaskClient) -> None:
    folder = project_path("templates")
    asked = {name for file in folder.rglob("*.html") for name in re.findall(r"filename='([^']+)'", file.read_text())}
    asked |= set(re.findall(r'url\("([^"]+)"\)', (folder / "static/panel.css").read_text()))
    assert len(asked) >= 7
    for name in asked:
        with client.get(f"/static/{name}") as answer:
            assert answer.status_code == 200, name


def test_the_logo_is_what_saleor_takes(client: FlaskClient) -> None:
    with client.get("/static/logo.png") as answer:
        assert answer.headers["Content-Type"] == "image/png"
        width, height = (int.from_bytes(answer.data[at : at + 4]) for at in (16, 20))
    assert width == height >= 256


def test_what_comes_from_elsewhere_stands_beside_its_licence() -> None:
    folder: Path = project_path("templates/static")
    for file, licence in (("app-bridge.js", "app-sdk"), ("htmx.js", "htmx"), ("inter-latin.woff2", "inter"),
                          ("panel.css", "macaw-ui")):  # fmt: skip
        assert (folder / file).is_file()
        assert (folder / "licences" / f"{licence}.txt").read_text().strip()


def test_the_first_page_is_light(client: FlaskClient) -> None:
    """Without pictures, as the browser gets it: the shell, its style, its scripts and the letters of Latin."""
    files = ("panel.css", "panel.js", "app-bridge.js", "htmx.js", "inter-latin.woff2")
    total = 0
    for path in ("/", *(f"/static/{name}" for name in files)):
        with client.get(path, headers={"Accept-Encoding": "gzip"}) as answer:
            total += len(answer.data)
    assert total < 85_000


def test_a_browser_that_takes_nothing_compressed_gets_it_plain(client: FlaskClient) -> None:
    for path in ("/", "/static/panel.css"):
        with client.get(path) as plain, client.get(path, headers={"Accept-Encoding": "gzip"}) as small:
            assert "Content-Encoding" not in plain.headers
            assert gzip.decompress(small.data) == plain.data
            assert "Accept-Encoding" in small.headers["Vary"]


def test_a_file_that_the_browser_has_is_not_sent_again(client: FlaskClient) -> None:
    with client.get("/static/panel.css", headers={"Accept-Encoding": "gzip"}) as first:
        tag = first.headers["ETag"]
    with client.get("/static/panel.css", headers={"If-None-Match": tag, "Accept-Encoding": "gzip"}) as second:
        assert second.status_code == 304


def test_a_mistyped_address_of_the_panel_gets_the_shell_too(client: FlaskClient) -> None:
    """What the dashboard frames is a page, and the page inside says that nothing is here."""
    answer = client.get("/orders/nope", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert 'id="content"' in answer.text
    assert client.get("/orders/nope", headers={"Accept": "*/*"}).is_json
