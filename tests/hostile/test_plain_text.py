"""A zero byte anywhere is a bad request, and a picture may still be larger than any other form."""

import gzip

import pytest
from two_shops import Furnished

ZEROS = {
    "in an address": ("GET", "/panel/parcels/BR-%00", None),
    "in a list's address": ("GET", "/panel/parcels/in/planned/tier/%00", None),
    "in a query": ("GET", "/panel/now?mark=%00", None),
    "in a query's name": ("GET", "/panel/now?%00=x", None),
    "in a form": ("POST", "/panel/desk", {"channel": "a\x00b"}),
    "in a form's name": ("POST", "/panel/desk", {"\x00": "x"}),
    "among many": ("POST", "/panel/customers/1/wishes", {"exclusion": ["nuts", "\x00"]}),
}


@pytest.mark.parametrize(("method", "path", "form"), ZEROS.values(), ids=ZEROS)
def test_a_zero_byte_is_a_bad_request(ours: Furnished, method: str, path: str, form: dict[str, str] | None) -> None:
    if "/customers/1/" in path:
        path = path.replace("/1/", f"/{ours.ids['customer_id']}/")
    answer = ours.client.open(path, method=method, headers=ours.headers(), data=form)
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/panel/desk", "/panel/try-again", "/panel/desks/enter", "/widgets/order"])
def test_a_part_of_a_form_without_a_name_is_a_bad_request(ours: Furnished, path: str) -> None:
    body = "--x\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--x--\r\n"
    answer = ours.client.post(path, headers=ours.headers(), data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 400


def test_a_file_may_hold_anything_and_be_larger_than_other_forms(ours: Furnished) -> None:
    data = b"\x00" * (ours.app.settings.max_body_bytes + 1_000)
    body = b'--x\r\nContent-Disposition: form-data; name="picture"; filename="x.png"\r\n\r\n' + data + b"\r\n--x--\r\n"
    kind = "multipart/form-data; boundary=x"
    with ours.client.post(
        "/panel/print/look/pictures/logo", headers=ours.headers(), data=body, content_type=kind
    ) as answer:
        assert answer.status_code == 422  # read, and found to be no picture
        assert "PNG, JPEG, WebP or GIF" in answer.text


@pytest.mark.parametrize("path", ["/panel/desk", "/panel/desks/enter", "/panel/program/edit/text", "/widgets/order"])
def test_any_other_form_beyond_the_limit_is_not_read(ours: Furnished, path: str) -> None:
    answer = ours.client.post(path, headers=ours.headers(), data={"code": "x" * ours.app.settings.max_body_bytes})
    assert answer.status_code == 413


def test_a_form_of_very_many_parts_is_not_read(ours: Furnished) -> None:
    lines = (
        "".join(f'--x\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n\r\n' for n in range(1_100)) + "--x--\r\n"
    )
    answer = ours.client.post(
        "/panel/desk", headers=ours.headers(), data=lines, content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 413


def test_a_packed_form_is_not_unpacked(ours: Furnished) -> None:
    """Nothing that comes in is ever unpacked, so that no small body becomes a large one."""
    bomb = gzip.compress(b"code=" + b"x" * 10_000_000)
    answer = ours.client.post("/panel/desks/enter", data=bomb, headers={"Content-Encoding": "gzip"},
                              content_type="application/x-www-form-urlencoded")  # fmt: skip
    assert answer.status_code == 401  # there is no code in it
