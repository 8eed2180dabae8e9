"""Makes a webhook's body by running its subscription query against the shop as it is now."""

import json
from typing import TYPE_CHECKING

from saleor_loyalty_app.demo.api.caller import Caller
from saleor_loyalty_app.demo.api.execute import run_subscription
from saleor_loyalty_app.demo.events import Happening
from saleor_loyalty_app.demo.people_records import Webhook

if TYPE_CHECKING:
    from saleor_loyalty_app.demo.shop import Shop


def build_body(shop: "Shop", webhook: Webhook, happening: Happening) -> bytes:
    """What stands inside `event { … }`, flat, as ASCII JSON; errors stand beside it.

    A webhook without a query gets the id alone: Saleor's legacy payloads carry far more, but nobody
    should build on them.
    """
    if webhook.subscription_query is None:
        subject = happening.user or happening.app
        keys = [subject.id] if subject is not None else [shop.orders.id_of(key) for key in happening.order_keys]
        return json.dumps([{"id": key} for key in keys]).encode()
    caller = Caller(app=webhook.app, permissions=webhook.app.permission_codes)
    data, errors = run_subscription(shop, webhook.subscription_query, happening, caller)
    return json.dumps(data | ({"errors": errors} if errors else {})).encode()
