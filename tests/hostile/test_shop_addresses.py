"""The app speaks to the shops on its list and to nobody else, whatever a shop, its DNS or its redirects say."""

import http.server
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from factories import SHOP_URL, TOKEN, make_settings, private_key

from saleor_loyalty_app.saleor.client import ShopClient
from saleor_loyalty_app.saleor.errors import TryAgain
from saleor_loyalty_app.saleor.keys import fetch_jwks
from saleor_loyalty_app.settings import SettingsProblem, load_settings


@contextmanager
def listening(*, status: int = 200, to: str = "", certificate: Path | None = None) -> Iterator[tuple[int, list[str]]]:
    """A server on loopback: its port, and the token of each request that it was sent."""
    heard: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.headers.get("Authorization", ""))
            self.send_response(status)
            self.send_header("Location", to)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_: Any) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass  # a client that hangs up within the handshake, as it should

    server = Server(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server.server_port, heard
    finally:
        server.shutdown()
        server.server_close()


def ask(saleor_api_url: str) -> None:
    client = ShopClient(saleor_api_url, TOKEN)
    try:
        client.ask("AppAlive")
    finally:
        client.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_neither_with_the_token_nor_without(status: int) -> None:
    """307 and 308 would repeat the request with its body; the target is where clouds keep secrets."""
    with listening() as (inside, heard_inside):
        with listening(status=status, to=f"http://127.0.0.1:{inside}/latest/meta-data/") as (shop, heard):
            for reach in (ask, fetch_jwks):
                with pytest.raises(TryAgain):
                    reach(f"http://127.0.0.1:{shop}/graphql/")
        assert len(heard) == 2
        assert heard_inside == []


@pytest.fixture
def foreign_certificate(tmp_path: Path) -> Path:
    """A certificate for the shop's name that nobody has vouched for."""
    name, key = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example.com")]), private_key("tls")
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("shop.example.com")]), critical=False)
        .sign(key, SHA256())
    )
    file = tmp_path / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + made.public_bytes(Encoding.PEM))
    return file


def test_a_name_that_suddenly_leads_elsewhere_gets_neither_token_nor_belief(
    foreign_certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS may change under us, to a private address, too: whoever answers there can't prove to be the shop."""
    real = socket.getaddrinfo
    asked: list[str] = []

    def changed(host: Any, port: Any, *args: Any, **how: Any) -> Any:
        asked.append(str(host))
        return real("127.0.0.1", port, *args, **how)

    with listening(certificate=foreign_certificate) as (port, heard):
        monkeypatch.setattr(socket, "getaddrinfo", changed)
        for reach in (ask, fetch_jwks):
            with pytest.raises(TryAgain):
                reach(f"https://shop.example.com:{port}/graphql/")
    assert set(asked) == {"shop.example.com"}
    assert heard == []


NOT_FOR_A_LIST = {
    "plain http": "http://shop.example.com/graphql/",
    "plain http inside": "http://10.0.0.5/graphql/",
    "the cloud's own address": "http://169.254.169.254/graphql/",
    "userinfo": "https://user@shop.example.com/graphql/",
    "a password": "https://user:pw@shop.example.com/graphql/",
    "a password without a name": "https://:pw@shop.example.com/graphql/",
    "an empty name": "https://@shop.example.com/graphql/",
    "a file": "file:///etc/passwd",
    "another kind": "gopher://shop.example.com/graphql/",
    "no host": "https:///graphql/",
    "a query": "https://shop.example.com/graphql/?x=1",
    "a fragment": "https://shop.example.com/graphql/#x",
    "a word": "shop.example.com",
}


@pytest.mark.parametrize("url", NOT_FOR_A_LIST.values(), ids=NOT_FOR_A_LIST)
def test_what_no_shop_should_be_reached_by_is_refused_by_the_list_itself(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsProblem, match="ALLOWED_SALEOR_URLS"):
        load_settings(_env_file=None, data_dir=tmp_path, allowed_saleor_urls=url)


NOT_EXACTLY = (
    "",
    "*",
    "https://",
    "https://shop.example.com",
    "//shop.example.com/graphql/",
    SHOP_URL.upper(),
    SHOP_URL * 2,
    SHOP_URL + "\x00",
    "https://SHOP.example.com/graphql/",
    "https://shop.example.com./graphql/",
    "https://shop.example.com:443/graphql/",
    "https://xn--shp-tna.example.com/graphql/",
)


def test_the_list_is_compared_letter_by_letter(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    assert settings.allows(SHOP_URL)
    assert [url for url in NOT_EXACTLY if settings.allows(url)] == []
