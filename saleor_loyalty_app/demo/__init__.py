"""A small Saleor of our own, for demonstrations and for tests of the whole app.

It answers the part of Saleor's GraphQL API that the app uses (`schema.graphql`, a true part of the real
schemas of 3.22 and 3.23), refuses what Saleor refuses, sends webhooks signed like Saleor's, late, twice and
out of order when told to, and installs apps by the same handshake. It knows nothing of the app.

In a test::

    from decimal import Decimal
    from saleor_loyalty_app.demo.mischief import Mischief
    from saleor_loyalty_app.demo.running import running_shop

    with running_shop(version="3.23.28") as demo:          # a thread in this process; demo.api_url, demo.shop
        shop = demo.shop
        channel = shop.catalogue.add_channel("de", "EUR", "DE", confirms_orders=True)
        tea = shop.catalogue.add_product("Assam", {"de": Decimal("12.90")}, sku="ASSAM")
        app = shop.apps.install("http://127.0.0.1:9000/api/manifest")   # raises InstallationFailed
        anna = shop.customers.create("anna@example.com", "Anna", "Schmidt", language="DE")
        order = shop.orders.place([(tea, 2)], channel=channel, customer=anna)      # or email="guest@…"
        shop.settle()                                      # every webhook has arrived, or was given up
        shop.payments.refund(order, Decimal("5.00"))       # pay, refund_by_hand, charge_back, grant_refund
        shop.desk.cancel(order)                            # confirm, fulfil, expire, add_note, add_lines …
        shop.customers.delete(anna)                        # update, confirm, delete_own_account …
        shop.apps.deactivate(app)                          # activate, uninstall, set_permissions
        shop.fate.fail_next("500", operation="TellShop", after_effect=True)   # kinds: mischief.KINDS
        shop.fate.change(Mischief(seed=7, duplicate_rate=0.3, shuffle=True))  # from now on
        shop.keys.rotate()                                 # another signing key
        shop.deliveries.sent, shop.deliveries.failed       # what became of webhooks (body, tries, status)
        shop.calls["ReadOrder"]                            # how often an operation was asked

In a process of its own, with people, two years of orders and the mini dashboard at its root::

    from saleor_loyalty_app.demo.process import started_shop
    from saleor_loyalty_app.demo.serve import ShopOptions

    with started_shop(ShopOptions(port=8010, seed=1, unhurried=True)) as saleor:
        saleor.install("http://127.0.0.1:9000/api/manifest")
        saleor.place_orders(12, refunds=0.1, cancellations=0.1)
        saleor.settle()
        saleor.state()                                     # counts of orders, webhooks, API calls

By hand: `python -m saleor_loyalty_app.demo.serve --port 8010`.

Tokens for pages and widgets are in `tokens` (page_token, extension_token, access_token, refresh_token); a
well-stocked shop with people and two years of orders is in `people.furnish(shop, seed=…)`.

The clock is the `clock=` of the shop; times of webhook retries are scaled by `time_scale`. Requests that the
shop makes carry Host without its port, as Saleor's do.
"""
