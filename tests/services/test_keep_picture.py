"""Whatever staff upload becomes a small square WebP, or is refused in plain words."""

import base64
import io
import zlib
from typing import Any

import pytest
from factories import OTHER_SHOP_URL, add_installed_shop, program_toml
from PIL import Image

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.keep_picture import (
    LONGEST_UPLOAD,
    SIDE,
    NotAPicture,
    drop_picture,
    keep_picture,
    small_webp,
)
from saleor_loyalty_app.services.publish_program import publish_program
from saleor_loyalty_app.store.pictures import pictures_of
from saleor_loyalty_app.store.shops import Shop


def picture(kind: str = "PNG", *, mode: str = "RGB", size: tuple[int, int] = (400, 300), **options: Any) -> bytes:
    written = io.BytesIO()
    left = Image.new(mode, size, "red" if mode == "RGB" else 0)
    left.paste(Image.new(mode, (size[0] // 2, size[1]), "blue" if mode == "RGB" else 1), (size[0] // 2, 0))
    left.save(written, kind, **options)
    return written.getvalue()


def opened(webp: bytes) -> Image.Image:
    return Image.open(io.BytesIO(webp))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1", "RGBA", "CMYK", "I;16"])
def test_any_common_picture_becomes_a_small_square(kind: str, mode: str) -> None:
    try:
        data = picture(kind, mode=mode)
    except (OSError, ValueError):
        pytest.skip("there are no such pictures")
    small = opened(small_webp(data))
    assert (small.format, small.size) == ("WEBP", (SIDE, SIDE))
    assert len(small_webp(data)) < 10_000


def test_a_picture_is_turned_upright_and_says_nothing_of_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010E] = "taken at home"
    data = picture("JPEG", exif=exif)
    small = opened(small_webp(data))
    top, bottom = small.convert("RGB").getpixel((96, 10)), small.convert("RGB").getpixel((96, 180))
    assert top[0] > 200 > top[2]
    assert bottom[2] > 200 > bottom[0]
    assert b"taken at home" in data
    assert not small.getexif()
    assert b"taken at home" not in small_webp(data)


def test_what_is_see_through_stays_so() -> None:
    data = picture(mode="RGBA")
    assert opened(small_webp(data)).mode == "RGBA"


def test_of_a_moving_picture_the_first_one_is_taken() -> None:
    frames = [Image.new("RGB", (50, 50), colour) for colour in ("red", "blue")]
    written = io.BytesIO()
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:])
    small = opened(small_webp(written.getvalue()))
    assert getattr(small, "n_frames", 1) == 1
    assert small.convert("RGB").getpixel((5, 5))[0] > 200


def bomb() -> bytes:
    """A small PNG that says it is 30,000 pixels wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    header = (30_000).to_bytes(4) * 2 + bytes([8, 2, 0, 0, 0])
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "says"),
    [
        pytest.param(b"", "PNG, JPEG", id="nothing"),
        pytest.param(b"<svg onload='alert(1)'/>", "PNG, JPEG", id="a drawing"),
        pytest.param(picture()[:200], "PNG, JPEG", id="cut off"),
        pytest.param(b"\xff\xd8\xff" + b"\0" * 500, "PNG, JPEG", id="only the head of one"),
        pytest.param(picture("BMP"), "PNG, JPEG", id="another kind"),
        pytest.param(bomb(), "too large", id="a bomb"),
        pytest.param(b"x" * (LONGEST_UPLOAD + 1), "too large", id="a long one"),
    ],
)
def test_what_is_no_picture_is_refused_in_plain_words(data: bytes, says: str) -> None:
    with pytest.raises(NotAPicture, match=says) as refused:
        small_webp(data)
    assert refused.value.said("de") != str(refused.value)


def test_a_picture_belongs_to_the_extras_id_and_survives_new_versions(app: App, shop: Shop) -> None:
    other = add_installed_shop(app, saleor_api_url=OTHER_SHOP_URL)
    keep_picture(app, shop, "caramel", picture(), by="VXNlcjox")
    publish_program(app, shop.id, toml=program_toml(name="New"), published_by="x")
    with app.database.read() as db:
        shown = pictures_of(db, shop.id, ["caramel", "bookmark"])
        assert pictures_of(db, other.id, ["caramel"]) == {}
    head, _, body = shown["caramel"].partition(",")
    assert head == "data:image/webp;base64"
    assert opened(base64.b64decode(body)).size == (SIDE, SIDE)
    keep_picture(app, shop, "caramel", picture("JPEG", size=(20, 20)), by="VXNlcjox")
    with app.database.read() as db:
        assert pictures_of(db, shop.id, ["caramel"]) != shown
    for _ in range(2):
        drop_picture(app, shop, "caramel")
    with app.database.read() as db:
        assert pictures_of(db, shop.id, ["caramel"]) == {}
