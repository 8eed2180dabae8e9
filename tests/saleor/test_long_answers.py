"""Answers over real connections: what is too large, packed as a bomb or slow is given up; what is long is read."""

import gzip
import http.server
import json
import time
import tracemalloc
import zlib

import pytest
from below_http import Answer, send_head, serving
from factories import TOKEN

from saleor_loyalty_app.saleor import client as client_module
from saleor_loyalty_app.saleor.client import LARGEST_ANSWER_BYTES, ShopClient
from saleor_loyalty_app.saleor.errors import TryAgain


def _breaks_off(handler: http.server.BaseHTTPRequestHandler) -> None:
    send_head(handler, Content_Length="5000", Connection="close")
    handler.wfile.write(b'{"data": ')
    handler.close_connection = True


def _never_ends(handler: http.server.BaseHTTPRequestHandler) -> None:
    send_head(handler, Connection="close")
    for _ in range(1_000):
        handler.wfile.write(b" " * 100_000)


def _drips(handler: http.server.BaseHTTPRequestHandler) -> None:
    send_head(handler, Content_Length="50000")
    for _ in range(100):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def _sends_a_bomb(handler: http.server.BaseHTTPRequestHandler) -> None:
    send_head(handler, Connection="close", Content_Encoding="gzip")
    packer = zlib.compressobj(wbits=31)
    for _ in range(200):
        handler.wfile.write(packer.compress(b" " * 1_000_000))


BELOW = {
    "breaks off": (_breaks_off, "could not be reached"),
    "never ends": (_never_ends, "larger, or took longer"),
    "drips": (_drips, "larger, or took longer"),
    "sends a bomb": (_sends_a_bomb, "larger, or took longer"),
}


@pytest.mark.parametrize(("answer", "said"), BELOW.values(), ids=BELOW)
def test_an_answer_that_never_comes_to_an_end_is_given_up_and_tried_again(
    answer: Answer, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "WHOLE_ANSWER_SECONDS", 1)
    with serving(answer) as api_url:
        client = ShopClient(api_url, TOKEN)
        tracemalloc.start()
        with pytest.raises(TryAgain, match=said) as again:
            client.ask("AppAlive")
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        client.close()
    assert again.value.outcome_unknown
    assert most < 3 * LARGEST_ANSWER_BYTES


def test_a_long_answer_is_read_whole_and_its_connection_used_again() -> None:
    ports: set[int] = set()

    def long(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.protocol_version = "HTTP/1.1"
        ports.add(handler.client_address[1])
        body = gzip.compress(json.dumps({"data": {"app": {"id": "x" * 5_000_000}}}).encode())
        send_head(handler, Content_Length=str(len(body)), Content_Encoding="gzip", Connection="keep-alive")
        handler.wfile.write(body)
        handler.close_connection = False

    with serving(long) as api_url:
        client = ShopClient(api_url, TOKEN)
        for _ in range(3):
            assert len(client.ask("AppAlive")["app"]["id"]) == 5_000_000
        client.close()
    assert len(ports) == 1
