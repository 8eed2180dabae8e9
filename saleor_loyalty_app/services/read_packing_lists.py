"""Orders are read for packing and printing: items, address, customer's note. Asked when needed, never kept."""

from collections.abc import Collection

from saleor_loyalty_app.saleor.packing_lists import PackingList, read_packing_list, without_person
from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.orders import orders_of_erased
from saleor_loyalty_app.store.shops import Shop

AT_ONCE = 100
"""What Saleor gives on one page."""


def read_packing_lists(
    app: App, shop: Shop, order_ids: Collection[str], *, addresses: bool = False, prices: bool = False
) -> dict[str, PackingList]:
    """Those of these orders that the shop still has, by Saleor id, with addresses and prices only on wish.

    One request per hundred orders. Raises TryAgain, Denied or HumanMustAct.
    """
    wanted = list(dict.fromkeys(order_ids))
    found: dict[str, PackingList] = {}
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        answer = app.client(shop).ask(
            "ReadPackingLists", ids=some, first=len(some), addresses=addresses, prices=prices
        )  # fmt: skip
        lists = [read_packing_list(edge["node"]) for edge in answer["orders"]["edges"]]
        found |= {packing.order_id: packing for packing in lists}
    with app.database.read() as db:
        erased = orders_of_erased(db, shop.id, found)
    return {id: without_person(packing) if id in erased else packing for id, packing in found.items()}
