"""What the shop said no to, in the merchant's words: what was asked of it, why not, and what to do."""

from collections.abc import Iterable, Mapping

from saleor_loyalty_app.domain.saying import Saying

ASKED: Mapping[str, Saying] = {
    "AppAlive": Saying("the question whether it knows this app"),
    "AppDeliveries": Saying("the list of failed deliveries"),
    "AppProblemCreate": Saying("the entry in the list of this app's problems"),
    "AppProblemDismiss": Saying("taking an entry off the list of this app's problems"),
    "Capabilities": Saying("the question what it can do"),
    "FindVariants": Saying("the search among its products"),
    "MirrorTiers": Saying("the customers' tiers"),
    "OrderConfirm": Saying("the order's confirmation"),
    "OrderLineDelete": Saying("taking a line out of the order"),
    "OrderLinesCreate": Saying("an extra as a line of the order"),
    "ReadChannels": Saying("reading its channels"),
    "ReadCustomer": Saying("reading the customer"),
    "ReadCustomers": Saying("reading the customers"),
    "ReadCustomersById": Saying("reading the customers"),
    "ReadOrder": Saying("reading the order"),
    "ReadOrderLineGuards": Saying("reading the order"),
    "ReadOrderNotes": Saying("reading the packing notes"),
    "ReadOrders": Saying("reading the orders"),
    "ReadPackingLists": Saying("reading the orders"),
    "ReadVariantStock": Saying("reading the stock of its products"),
    "ReadWarehouses": Saying("reading its warehouses"),
    "ShopAndApp": Saying("reading the shop's own details"),
    "TellShop": Saying("the packing note"),
    "TellStock": Saying("the change of an extra's stock"),
    "WebhookCreate": Saying("a webhook"),
    "WebhookDelete": Saying("the removal of a webhook"),
    "WebhookUpdate": Saying("the repair of a webhook"),
}
"""By operation of `graphql/`: what the shop was asked for, fit for "The shop refused …"."""

SOMETHING = Saying("a request of this app")
"""What an operation asks for that is not named above."""

PERMISSION_NAMES = {
    "MANAGE_ORDERS": "Manage orders",
    "MANAGE_USERS": "Manage customers",
    "MANAGE_DISCOUNTS": "Manage promotions and vouchers",
    "MANAGE_PRODUCTS": "Manage products",
}
"""What the dashboard calls permissions, in all languages."""


def asked(operation: str) -> Saying:
    """What an operation asks the shop for."""
    return ASKED.get(operation, SOMETHING)


def permission_name(code: str) -> str:
    """What the dashboard calls a permission."""
    return PERMISSION_NAMES.get(code, code)


def denial(what: Saying, missing: Iterable[str] = ()) -> Saying:
    """The shop refused something for want of a permission; `missing` are the codes of those, if they are known."""
    names = ", ".join(permission_name(code) for code in missing)
    if names:
        return Saying(
            "The shop refused %(what)s: Best Regards lacks the permission “%(permissions)s”. Give it back in the "
            "dashboard under Extensions, then try again.",
            what=what,
            permissions=names,
        )
    return Saying(
        "The shop refused %(what)s: Best Regards may not do that at the moment. See in the dashboard under Extensions "
        "that it is active and has its permissions, then try again.",
        what=what,
    )


def refusal(what: Saying, message: str) -> Saying:
    """The shop refused something for a reason of its own, which is added in its own words."""
    if not message:
        return Saying(
            "The shop refused %(what)s and did not say why. Try again; if it stays, ask whoever looks after the shop.",
            what=what,
        )
    return Saying(
        "The shop refused %(what)s. Put right what it complains about, or ask whoever looks after the shop, then try "
        "again. The shop says: %(message)s",
        what=what,
        message=message,
    )
