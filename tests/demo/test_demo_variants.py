"""The demo shop finds variants and lists channels as Saleor 3.23 was seen to do it."""

from demo_house import House

from saleor_loyalty_app.saleor.documents import document_text

FIND, CHANNELS = document_text("FindVariants"), document_text("ReadChannels")


def found(house: House, **variables: object) -> list[str]:
    edges = house.data(FIND, {"first": 20, **variables})["productVariants"]["edges"]
    return [edge["node"]["id"] for edge in edges]


def test_words_find_products_and_skus_by_their_beginnings(house: House) -> None:
    variant = next(iter(house.shop.catalogue.variants.values()))
    beginning = variant.product.name[:4]
    assert variant.id in found(house, search=beginning.upper())
    if variant.sku:
        assert variant.id in found(house, search=variant.sku[:4])
    assert found(house, search="nothing is called this") == []
    assert found(house, ids=[variant.id]) == [variant.id]


def test_one_odd_id_spoils_the_whole_question(house: House) -> None:
    answer = house.ask(FIND, {"first": 5, "ids": ["variant-x"]}).json()
    assert answer["data"]["productVariants"] is None
    assert answer["errors"][0]["message"] == "Invalid ID: variant-x. Expected: ProductVariant."


def test_channels_say_whether_they_confirm_by_themselves(house: House) -> None:
    channels = house.data(CHANNELS)["channels"]
    assert {channel["slug"] for channel in channels} == set(house.shop.catalogue.channels)
    assert all(isinstance(c["orderSettings"]["automaticallyConfirmAllNewOrders"], bool) for c in channels)
