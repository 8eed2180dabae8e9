"""Products and channels of the shop, for choosing in the program, read as a furnished shop gives them."""

import base64
from decimal import Decimal
from typing import Any

import pytest
from factories import global_id
from wire import ShopWire, denied, down, ok

from saleor_loyalty_app.saleor.errors import Denied, TryAgain
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.find_variants import (
    MOST_FOUND,
    Channel,
    VariantsOutOfReach,
    channels_of,
    find_variants,
    variants_by_id,
)
from saleor_loyalty_app.store.shops import Shop

TEA = global_id("ProductVariant", 403)


def node(id: str = TEA, **changes: Any) -> dict[str, Any]:
    values = {"id": id, "name": "50 g", "sku": "TEA-50", "trackInventory": True, "product": {"name": "Gift tea"},
              "channelListings": [{"price": {"amount": 20.0, "currency": "PLN"}},
                                  {"price": {"amount": 4.5, "currency": "USD"}}, {"price": None}]}  # fmt: skip
    return {**values, **changes}


def answers(wire: ShopWire, *nodes: dict[str, Any]) -> None:
    wire.next_time("FindVariants", lambda _w, _a: ok({"productVariants": {"edges": [{"node": n} for n in nodes]}}))


def test_variants_are_found_by_words(app: App, shop: Shop, wire: ShopWire) -> None:
    answers(wire, node(), node(global_id("ProductVariant", 1), name="TEA-50"))
    tea, other = find_variants(app, shop, "  gift   tea ")
    assert wire.asked[-1].variables == {"search": "gift tea", "ids": None, "first": MOST_FOUND}
    assert (tea.id, tea.product, tea.name, tea.sku, tea.tracks_stock) == (TEA, "Gift tea", "50 g", "TEA-50", True)
    assert (tea.price, tea.currency) == (Decimal("4.5"), "USD")
    assert other.name == "", "a name that only repeats the SKU says nothing"


def test_a_variant_for_sale_nowhere_has_no_price(app: App, shop: Shop, wire: ShopWire) -> None:
    answers(wire, node(name=TEA, sku=None, channelListings=[]))
    (tea,) = find_variants(app, shop, "tea")
    assert (tea.price, tea.currency, tea.name, tea.sku) == (None, "", "", "")


def test_no_words_ask_nobody(app: App, shop: Shop, wire: ShopWire) -> None:
    assert find_variants(app, shop, "  ") == []
    assert variants_by_id(app, shop, []) == {}
    assert wire.asked == []


def test_ids_that_the_shop_would_stumble_over_are_not_sent(app: App, shop: Shop, wire: ShopWire) -> None:
    answers(wire, node())
    odd = ["variant-bookmark", "", global_id("Order", 1), base64.b64encode(b"ProductVariant:x").decode(), "é", "a"]
    assert variants_by_id(app, shop, [*odd, TEA]).keys() == {TEA}
    assert wire.asked[-1].variables["ids"] == [TEA]
    assert variants_by_id(app, shop, odd) == {}


def test_a_refusal_says_what_to_do(app: App, shop: Shop, wire: ShopWire) -> None:
    wire.next_time("FindVariants", denied)
    with pytest.raises(VariantsOutOfReach) as refused:
        find_variants(app, shop, "tea")
    assert "Manage orders" in refused.value.saying.said("en")
    wire.next_time("FindVariants", down)
    with pytest.raises(TryAgain):
        find_variants(app, shop, "tea")


def test_channels_are_listed_by_name(app: App, shop: Shop, wire: ShopWire) -> None:
    def channel(slug: str, name: str, *, confirms: bool) -> dict[str, Any]:
        settings = {"automaticallyConfirmAllNewOrders": confirms}
        return {"slug": slug, "name": name, "currencyCode": "EUR", "isActive": True, "orderSettings": settings}

    listed = [channel("web", "the web", confirms=False), channel("shop", "Our shop", confirms=True)]
    wire.next_time("ReadChannels", lambda _w, _a: ok({"channels": listed}), denied)
    assert channels_of(app, shop) == [
        Channel(slug="shop", name="Our shop", currency="EUR", confirms_by_itself=True, is_active=True),
        Channel(slug="web", name="the web", currency="EUR", confirms_by_itself=False, is_active=True),
    ]
    with pytest.raises(Denied):
        channels_of(app, shop)
