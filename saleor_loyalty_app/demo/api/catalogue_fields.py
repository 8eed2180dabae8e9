"""Answers about channels, products, stock, taxes and promotions."""

from typing import Any

from graphql import GraphQLError

from saleor_loyalty_app.demo.api.paging import Row, page
from saleor_loyalty_app.demo.api.people_fields import country
from saleor_loyalty_app.demo.api.registry import Info, answers, request_of
from saleor_loyalty_app.demo.catalogue_records import Channel, Product, TaxClass, Variant
from saleor_loyalty_app.demo.ids import global_id, local_key
from saleor_loyalty_app.demo.money import Money

_INSIDERS = {"MANAGE_ORDERS", "MANAGE_DISCOUNTS", "MANAGE_PRODUCTS"}


@answers("Query.channels")
def channels(_root: Any, info: Info) -> list[Channel]:
    """All channels, for apps and staff."""
    request_of(info).caller.need_insider()
    return sorted(request_of(info).shop.catalogue.channels.values(), key=lambda channel: channel.slug)


@answers("Query.channel")
def channel(_root: Any, info: Info, **arguments: Any) -> Channel | None:
    """One channel, by id or by slug."""
    known = request_of(info).shop.catalogue.channels.values()
    wanted = (arguments.get("id"), arguments.get("slug"))
    return next((each for each in known if wanted[0] == each.id or wanted[1] == each.slug), None)


@answers("Channel.defaultCountry")
def channel_country(channel: Channel, _info: Info) -> dict[str, str]:
    """The country it sells to first."""
    return country(channel.country)


@answers("Channel.orderSettings")
def channel_order_settings(channel: Channel, info: Info) -> Channel:
    """How it treats orders."""
    request_of(info).caller.need("MANAGE_CHANNELS", "MANAGE_ORDERS")
    return channel


@answers("Channel.taxConfiguration")
def channel_taxes(channel: Channel, info: Info) -> dict[str, Any]:
    """How it reckons taxes, for apps and staff."""
    request_of(info).caller.need_insider()
    return {
        "id": global_id("TaxConfiguration", channel.pk),
        "chargeTaxes": channel.charge_taxes,
        "taxCalculationStrategy": channel.tax_calculation_strategy,
        "pricesEnteredWithTax": channel.prices_entered_with_tax,
    }


@answers("TaxClass.countries")
def tax_class_rates(tax_class: TaxClass, _info: Info) -> list[dict[str, Any]]:
    """Its rates."""
    return [{"country": country(code), "rate": float(rate)} for code, rate in sorted(tax_class.rates.items())]


@answers("Query.promotions")
def promotions(_root: Any, info: Info, **arguments: Any) -> dict[str, Any]:
    """Pages of promotions; only order promotions exist here."""
    request_of(info).caller.need("MANAGE_DISCOUNTS")
    wanted = (arguments.get("where") or {}).get("type") or {}
    types = set(wanted.get("oneOf") or ()) | ({wanted["eq"]} if wanted.get("eq") else set())
    found = [each for each in request_of(info).shop.catalogue.promotions if not types or each.type in types]
    rows = sorted((Row((each.name, each.pk), each) for each in found), key=lambda row: row.key)
    return page(rows, "promotions", arguments)


@answers("Query.products")
def products(_root: Any, info: Info, **arguments: Any) -> dict[str, Any]:
    """Pages of products. Without a permission only what a channel lists; `search` looks at names and SKUs."""
    request = request_of(info)
    inside = bool(_INSIDERS & request.caller.permissions)
    slug, text = arguments.get("channel"), (arguments.get("search") or "").lower()
    rows = [
        Row((each.slug, each.pk), each)
        for each in request.shop.catalogue.products.values()
        if (inside or (each.visible_in_listings and slug in each.published_in))
        and (slug is None or slug in each.variants[0].prices)
        and (not text or text in each.name.lower() or any(text in (v.sku or "").lower() for v in each.variants))
    ]
    return page(sorted(rows, key=lambda row: row.key), "products", arguments)


@answers("Query.productVariants")
def product_variants(_root: Any, info: Info, **arguments: Any) -> dict[str, Any]:
    """Pages of variants, all, those with certain ids, or those whose product, name or SKU has words of a search.

    Whoever may not see what is unpublished has to name a channel.
    """
    request = request_of(info)
    inside = bool(_INSIDERS & request.caller.permissions)
    slug, ids, words = arguments.get("channel"), arguments.get("ids"), (arguments.get("search") or "").lower().split()
    if not inside and slug is None and len(request.shop.catalogue.channels) > 1:
        raise GraphQLError("More than one channel exists. Specify which channel to use.")
    keys = None if ids is None else {local_key(each, "ProductVariant") for each in ids}
    rows = [
        Row((each.sku or "", each.pk), each)
        for each in request.shop.catalogue.variants.values()
        if (keys is None or str(each.pk) in keys)
        and (inside or slug in each.product.published_in)
        and (slug is None or slug in each.prices)
        and _has_words(each, words)
    ]
    return page(sorted(rows, key=lambda row: row.key), "productVariants", arguments)


@answers("Query.warehouses")
def warehouses(_root: Any, info: Info, **arguments: Any) -> dict[str, Any]:
    """Pages of warehouses."""
    request_of(info).caller.need("MANAGE_PRODUCTS", "MANAGE_ORDERS", "MANAGE_SHIPPING")
    rows = [Row((each.slug, each.pk), each) for each in request_of(info).shop.catalogue.warehouses]
    return page(sorted(rows, key=lambda row: row.key), "warehouses", arguments)


def _has_words(variant: Variant, words: list[str]) -> bool:
    """Each word begins one of a variant's own, as in Saleor's search."""
    own = f"{variant.product.name} {variant.name} {variant.sku or ''}".lower().split()
    return all(any(one.startswith(word) for one in own) for word in words)


@answers("Product.weight")
def product_weight(product: Product, _info: Info) -> dict[str, Any] | None:
    """In kilograms, when known."""
    return None if product.weight_kg is None else {"unit": "KG", "value": product.weight_kg}


@answers("Product.channelListings")
def product_listings(product: Product, info: Info) -> list[dict[str, Any]]:
    """Where it is for sale."""
    known = request_of(info).shop.catalogue.channels
    slugs = sorted({slug for variant in product.variants for slug in variant.prices})
    return [
        {
            "id": global_id("ProductChannelListing", f"{product.pk}{known[slug].pk}"),
            "channel": known[slug],
            "isPublished": slug in product.published_in,
            "visibleInListings": product.visible_in_listings,
        }
        for slug in slugs
    ]


@answers("ProductVariant.channelListings")
def variant_listings(variant: Variant, info: Info) -> list[dict[str, Any]]:
    """Its price in each channel."""
    known = request_of(info).shop.catalogue.channels
    return [
        {
            "id": global_id("ProductVariantChannelListing", f"{variant.pk}{known[slug].pk}"),
            "channel": known[slug],
            "price": Money(price, known[slug].currency_code),
        }
        for slug, price in sorted(variant.prices.items())
    ]


@answers("ProductVariant.stocks")
def variant_stocks(variant: Variant, info: Info, address: dict[str, Any] | None = None) -> list[Any]:
    """What lies in the warehouses, of those that ship to an address."""
    request_of(info).caller.need("MANAGE_PRODUCTS", "MANAGE_ORDERS")
    code = (address or {}).get("country")
    return [each for each in variant.stock if code is None or each.warehouse.serves(code)]


@answers("ProductVariant.quantityAvailable")
def variant_quantity(variant: Variant, _info: Info, address: dict[str, Any] | None = None) -> int:
    """What can still be bought, fifty at most; without an address, where most is."""
    if not variant.track_inventory:
        return 50
    code = (address or {}).get("country")
    able = [each.free for each in variant.stock if code is None or each.warehouse.serves(code)]
    return max(0, min(50, max(able, default=0)))
