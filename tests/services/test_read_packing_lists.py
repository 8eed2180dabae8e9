"""Orders as their packer sees them: items, address and customer's note, asked when needed and never kept."""

from decimal import Decimal

import pytest
from factories import global_id, line_node, user_node
from sqlalchemy import select
from wire import ShopWire, denied, down

from saleor_loyalty_app.saleor.errors import Denied, TryAgain
from saleor_loyalty_app.saleor.packing_lists import Address, PackingLine
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.services.read_packing_lists import read_packing_lists
from saleor_loyalty_app.services.reward_order import reward_order
from saleor_loyalty_app.store.columns import metadata
from saleor_loyalty_app.store.customers import customer_by_user
from saleor_loyalty_app.store.erase import erase_customer
from saleor_loyalty_app.store.shops import Shop


def test_a_list_says_what_goes_in_how_it_goes_and_what_the_customer_wrote(app: App, shop: Shop, wire: ShopWire) -> None:
    id = wire.has_order(
        7, shippingMethodName="Express", customerNote=" A gift, please! ",
        lines=[line_node(1, quantity=3, variantName="Large", productSku="JUICE-L"), line_node(2, isGift=True)],
    )  # fmt: skip
    packing = read_packing_lists(app, shop, [id])[id]
    assert (packing.number, packing.shipping_method, packing.customer_note) == ("7", "Express", "A gift, please!")
    assert (packing.is_paid, packing.language, packing.currency) == (True, "EN", "USD")
    assert packing.lines == (
        PackingLine(product="Apple Juice 1", variant="Large", sku="JUICE-L", quantity=3,
                    variant_id=global_id("ProductVariant", 1)),
        PackingLine(product="Apple Juice 2", variant="", sku="SKU-1", quantity=1, is_gift=True,
                    variant_id=global_id("ProductVariant", 2)),
    )  # fmt: skip
    assert packing.address is None
    assert (packing.subtotal, packing.total) == (None, None)


def test_addresses_and_prices_come_on_wish_and_exactly(app: App, shop: Shop, wire: ShopWire) -> None:
    id = wire.has_order(1, total=19.99, lines=[line_node(totalPrice={"gross": {"amount": 19.99}})])
    packing = read_packing_lists(app, shop, [id], addresses=True, prices=True)[id]
    assert packing.address == Address(
        first_name="Anna", last_name="Nguyen", street1="1 Bay", city="SAN FRANCISCO", postal_code="94102",
        country_area="CA", country_code="US",
    )  # fmt: skip
    assert (packing.total, packing.shipping, packing.lines[0].total) == (Decimal("19.99"), Decimal(0), Decimal("19.99"))
    assert (wire.asked[-1].variables["addresses"], wire.asked[-1].variables["prices"]) == (True, True)


def test_only_what_is_still_to_be_sent_is_named(app: App, shop: Shop, wire: ShopWire) -> None:
    lines = [
        line_node(1, quantity=3, quantityToFulfill=1),
        line_node(2, quantity=2, quantityToFulfill=0),
        line_node(3, isShippingRequired=False),
    ]
    id = wire.has_order(1, lines=lines)
    assert [(line.product, line.quantity) for line in read_packing_lists(app, shop, [id])[id].lines] == [
        ("Apple Juice 1", 1)
    ]
    wire.change_order(id, lines=[{**line, "quantityToFulfill": 0} for line in lines])
    assert [line.quantity for line in read_packing_lists(app, shop, [id])[id].lines] == [3, 2]


@pytest.mark.parametrize("name", ["", "SKU-1", global_id("ProductVariant", 1), "Apple Juice 1"])
def test_a_variant_that_nobody_named_has_no_name(app: App, shop: Shop, wire: ShopWire, name: str) -> None:
    id = wire.has_order(1, lines=[line_node(1, variantName=name)])
    assert read_packing_lists(app, shop, [id])[id].lines[0].variant == ""


def test_what_is_collected_goes_by_the_name_of_the_place(app: App, shop: Shop, wire: ShopWire) -> None:
    id = wire.has_order(1, collectionPointName="Kontor Bremen")
    assert read_packing_lists(app, shop, [id])[id].shipping_method == "Kontor Bremen"


def test_a_product_that_was_deleted_keeps_its_name(app: App, shop: Shop, wire: ShopWire) -> None:
    id = wire.has_order(1, lines=[line_node(1, variant=None, productSku=None)])
    (line,) = read_packing_lists(app, shop, [id])[id].lines
    assert (line.product, line.sku, line.variant_id) == ("Apple Juice 1", "", "")


def test_an_order_that_was_anonymized_names_nobody(app: App, shop: Shop, wire: ShopWire) -> None:
    id = wire.has_order(1, anonymized="true", customerNote="It is for Zuzanna")
    packing = read_packing_lists(app, shop, [id], addresses=True)[id]
    assert (packing.address, packing.customer_note) == (None, "")


def test_of_a_person_who_was_erased_here_nothing_personal_is_read(app: App, shop: Shop, wire: ShopWire) -> None:
    wire.has_user(1)
    mine, other = wire.has_order(1, customerNote="Hello"), wire.has_order(2, user=user_node(2), customerNote="Hi")
    for id in (mine, other):
        reward_order(app, shop, id)
    with app.database.write() as db:
        found = customer_by_user(db, shop.id, global_id("User", 1))
        assert found
        erase_customer(db, shop.id, found.id, now=app.now())
    lists = read_packing_lists(app, shop, [mine, other], addresses=True)
    assert (lists[mine].address, lists[mine].customer_note) == (None, "")
    assert lists[other].address is not None
    assert lists[other].customer_note == "Hi"


def test_an_order_without_an_address_has_none(app: App, shop: Shop, wire: ShopWire) -> None:
    id = wire.has_order(1, shippingAddress=None)
    assert read_packing_lists(app, shop, [id], addresses=True)[id].address is None


def test_a_hundred_orders_are_one_request_and_those_that_are_gone_are_left_out(
    app: App, shop: Shop, wire: ShopWire
) -> None:
    ids = [wire.has_order(number) for number in range(1, 131)]
    gone = global_id("Order", 999)
    lists = read_packing_lists(app, shop, [gone, *ids, *ids])
    assert list(lists) == ids
    assert [len(asked.variables["ids"]) for asked in wire.asked] == [100, 31]
    assert read_packing_lists(app, shop, []) == {}
    assert len(wire.asked) == 2


def test_nothing_of_it_is_kept(app: App, shop: Shop, wire: ShopWire) -> None:
    id = wire.has_order(1, customerNote="Secret words")
    read_packing_lists(app, shop, [id], addresses=True, prices=True)
    with app.database.read() as db:
        for table in metadata.sorted_tables:
            rows = str([dict(row) for row in db.execute(select(table)).mappings()])
            assert "Secret words" not in rows
            assert "1 Bay" not in rows


def test_trouble_at_the_door_is_passed_on(app: App, shop: Shop, wire: ShopWire) -> None:
    id = wire.has_order(1)
    wire.next_time("ReadPackingLists", down, denied)
    with pytest.raises(TryAgain):
        read_packing_lists(app, shop, [id])
    with pytest.raises(Denied, match="refused reading the orders"):
        read_packing_lists(app, shop, [id])
