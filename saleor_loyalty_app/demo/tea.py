"""What the furnished demo shop sells: tea, spices, and gifts that cannot be bought."""

from decimal import Decimal
from typing import TYPE_CHECKING

from saleor_loyalty_app.demo.catalogue_records import Variant

if TYPE_CHECKING:
    from saleor_loyalty_app.demo.shop import Shop

CATEGORIES = {
    "black-tea": "Black tea",
    "green-tea": "Green tea",
    "herbal-tea": "Herbal tea",
    "spices": "Spices",
    "teaware": "Teaware",
    "samples": "Samples",
}
_GOODS = """
black-tea   ASSAM-250   Assam Second Flush 250 g       12.90 0.27
black-tea   DARJ-100    Darjeeling First Flush 100 g   16.50 0.12
black-tea   EARL-250    Earl Grey Blue Flower 250 g    11.40 0.27
black-tea   LAPS-100    Lapsang Souchong 100 g          9.80 0.12
black-tea   EAST-500    East Frisian Blend 500 g       18.90 0.53
black-tea   CEYL-250    Ceylon Dimbula 250 g           10.90 0.27
green-tea   SENC-100    Sencha Uji 100 g               14.90 0.12
green-tea   GYOK-050    Gyokuro 50 g                   24.00 0.07
green-tea   MATC-030    Matcha Ceremonial 30 g         29.00 0.05
green-tea   JASM-100    Jasmine Pearls 100 g           13.70 0.12
green-tea   GENM-250    Genmaicha 250 g                15.20 0.27
herbal-tea  ROOI-250    Rooibos Vanilla 250 g           8.90 0.27
herbal-tea  PEPP-100    Peppermint 100 g                5.60 0.12
herbal-tea  CHAM-100    Chamomile Blossoms 100 g        6.20 0.12
herbal-tea  HIBI-250    Hibiscus and Orange 250 g       9.40 0.27
spices      CARD-050    Green Cardamom 50 g             7.90 0.06
spices      SAFF-001    Saffron Threads 1 g            12.50 0.02
spices      PEPL-100    Long Pepper 100 g               8.40 0.11
spices      CINN-100    Ceylon Cinnamon 100 g           6.90 0.11
spices      CURR-150    Curry Blend Madras 150 g        7.20 0.16
teaware     POT-1L      Glass Teapot 1 l               34.00 0.85
teaware     CUP-SET     Two Stoneware Cups             26.00 0.60
teaware     SIEV-01     Fine Tea Strainer               9.90 0.08
teaware     TIN-100     Washi Tea Tin                   8.50 0.10
"""
_GIFTS = """
samples     GIFT-SENC   Sencha Sampler                  3.00 0.02
samples     GIFT-CHAI   Chai Spice Sachet               2.50 0.02
samples     GIFT-HONY   Honey Stick Trio                4.00 0.05
samples     GIFT-CARD   Hand-printed Tea Card           2.00 0.01
samples     GIFT-SPON   Little Bamboo Spoon             3.50 0.03
"""
LEEDS_PIECES = 20_000
POUNDS_PER_EURO = Decimal("0.86")


def stock_shelves(shop: "Shop") -> tuple[list[Variant], list[Variant]]:
    """Two channels, their goods and the gifts; returns what is for sale and what is only given.

    "eu" (EUR) confirms orders by itself, "uk" (GBP) does not, so that its paid orders can still be edited. Goods for
    Britain lie in Leeds; all else, and the gifts, in Bremen.
    """
    shop.catalogue.add_channel("eu", "EUR", "DE", confirms_orders=True)
    shop.catalogue.add_channel("uk", "GBP", "GB", confirms_orders=False)
    shop.catalogue.add_warehouse("bremen")
    leeds = shop.catalogue.add_warehouse("leeds", frozenset({"GB"}))
    for slug, name in CATEGORIES.items():
        shop.catalogue.add_category(slug, name)
    food = shop.catalogue.add_tax_class("Food", DE=Decimal("0.07"), AT=Decimal("0.10"), FR=Decimal("0.055"))
    goods = [_put_on_shelf(shop, line, tax_class=food) for line in _GOODS.strip().splitlines()]
    gifts = [_put_on_shelf(shop, line, stock=120, gift_only=True) for line in _GIFTS.strip().splitlines()]
    for variant in goods:
        shop.catalogue.set_stock(variant, leeds, LEEDS_PIECES)
        variant.stock.reverse()  # what goes to Britain is taken from there
    gifts[-1].stock[0].quantity = 3
    return goods, gifts


def _put_on_shelf(shop: "Shop", line: str, *, stock: int = 100_000, **more: object) -> Variant:
    category, sku, *words, price, weight = line.split()
    euros = Decimal(price)
    pounds = (euros * POUNDS_PER_EURO * 20).to_integral_value() / 20
    return shop.catalogue.add_product(
        " ".join(words),
        {"eu": euros, "uk": pounds},
        sku=sku,
        category=shop.catalogue.categories[category],
        stock=stock,
        weight_kg=float(weight),
        **more,  # type: ignore[arg-type]
    )
