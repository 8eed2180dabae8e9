"""A shop at the other end of the wire: it answers GraphQL by operation name, as recorded, and can be made to fail.

It is as little of Saleor as the services speak to. Everything that was asked stands in `asked`.
"""

import json
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
import responses
from factories import APP_ID, JWKS_URL, SHOP_URL, TOKEN, jwks, order_node, user_node

from saleor_loyalty_app.services.app import App
from saleor_loyalty_app.store.shops import Shop

Reply = tuple[int, dict[str, str], str]
Fault = Callable[["ShopWire", "Asked"], Reply]
FULFILS = {"errors": []}
PERMISSIONS = ("MANAGE_DISCOUNTS", "MANAGE_ORDERS", "MANAGE_PRODUCTS", "MANAGE_USERS")


@dataclass(frozen=True)
class Asked:
    """One request that reached the shop."""

    operation: str
    variables: dict[str, Any]
    query: str
    token: str


@dataclass
class ShopWire:
    """The shop's side: its orders and users by id, what was written to them, and the troubles to come."""

    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    webhooks: list[dict[str, Any]] = field(default_factory=list)
    permissions: tuple[str, ...] = PERMISSIONS
    app_id: str = APP_ID
    identifier: str = "app.best-regards.loyalty"
    version: str = "3.23.28"
    channels: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {"slug": "default-channel", "isActive": True, "currencyCode": "USD", "defaultCountry": {"code": "DE"}}
        ]
    )
    alive: bool = True
    """Whether the shop still knows the app's token."""
    knows_later_events: bool = True
    guards: dict[str, Any] = field(default_factory=dict)
    """What differs from a harmless answer to ReadOrderLineGuards, for order and `promotions`."""
    promotions: list[dict[str, Any]] = field(default_factory=list)
    lines: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    line_moves_total_by: float = 0
    refused_variants: dict[str, str] = field(default_factory=dict)
    """Error code by variant id."""
    notes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    metadata: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    stocks: dict[str, dict[str, list[int]]] = field(default_factory=lambda: defaultdict(dict))
    """By variant and warehouse: the quantity, and how many of it orders wait for."""
    warehouses: dict[str, str] = field(default_factory=lambda: {"warehouse-1": "Bremen"})
    """Names by id."""
    problems: dict[str, str] = field(default_factory=dict)
    lists_problems: bool = True
    failed_deliveries: list[dict[str, Any]] = field(default_factory=list)
    largest_page: int = 100
    asked: list[Asked] = field(default_factory=list)
    troubles: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))

    # ---- What a test says

    def has_order(self, number: int = 1, **changes: Any) -> str:
        """Put an order into the shop, or change the one that is there; return its id."""
        node = order_node(number, **changes)
        self.orders[node["id"]] = node
        return str(node["id"])

    def change_order(self, order_id: str, **changes: Any) -> None:
        self.orders[order_id] = {**self.orders[order_id], **changes}

    def has_user(self, number: int = 1, **changes: Any) -> str:
        node = user_node(number, **changes)
        self.users[node["id"]] = node
        return str(node["id"])

    def next_time(self, operation: str, *faults: Fault) -> None:
        """The next requests for an operation meet these troubles, one each."""
        self.troubles[operation].extend(faults)

    def operations(self) -> list[str]:
        return [asked.operation for asked in self.asked]

    def times(self, operation: str) -> int:
        return self.operations().count(operation)

    # ---- The wire

    def listen(self, mocked: responses.RequestsMock) -> None:
        mocked.add_callback(responses.POST, SHOP_URL, callback=self._receive)
        mocked.add_callback(responses.GET, JWKS_URL, callback=lambda _: (200, {}, json.dumps(jwks())))

    def _receive(self, request: requests.PreparedRequest) -> Reply:
        body = json.loads(request.body or b"")
        asked = Asked(body["operationName"], body["variables"], body["query"],
                      str(request.headers["Authorization"]).removeprefix("Bearer "))  # fmt: skip
        self.asked.append(asked)
        if self.troubles[asked.operation]:
            return self.troubles[asked.operation].popleft()(self, asked)
        return self.carry_out(asked)

    def carry_out(self, asked: Asked) -> Reply:
        """Answer as a shop that is well."""
        if asked.operation == "AppAlive" and self.alive:
            return ok({"app": {"id": self.app_id, "isActive": True}})
        if not self.alive or asked.token != TOKEN:
            return denied(self, asked)
        if "MANAGE_PRODUCTS" not in self.permissions:
            if asked.operation == "TellStock":
                return denied(self, asked)
            if asked.operation == "ReadVariantStock" and asked.variables["mark"]:
                return failing("mark", "PermissionDenied", message="You do not have permission")(self, asked)
        return ok(getattr(self, f"_{asked.operation}")(**asked.variables))

    # ---- The operations

    def _ShopAndApp(self) -> dict[str, Any]:  # noqa: N802
        app = {"id": self.app_id, "identifier": self.identifier, "isActive": True,
               "permissions": [{"code": code} for code in self.permissions], "webhooks": self.webhooks}  # fmt: skip
        return {"shop": {"name": "Shop of tests", "version": self.version}, "channels": self.channels, "app": app}

    def _Capabilities(self) -> dict[str, Any]:  # noqa: N802
        known = {"name": "CustomerDeleted"} if self.knows_later_events else None
        return {
            "customerDeleted": known,
            "appProblems": {"name": "AppProblemCreateInput"} if self.lists_problems else None,
        }

    def _AppDeliveries(self, first: int) -> dict[str, Any]:  # noqa: N802
        edges = [{"node": node} for node in self.failed_deliveries[:first]]
        return {"app": {"webhooks": [{"name": "OrderCreated", "eventDeliveries": {"edges": edges}}]}}

    def _WebhookCreate(self, **given: Any) -> dict[str, Any]:  # noqa: N802
        self.webhooks.append(registered_webhook(f"webhook-{len(self.asked)}", given["input"]))
        return {"webhookCreate": {"webhook": {"id": self.webhooks[-1]["id"]}, "errors": []}}

    def _WebhookUpdate(self, id: str, **given: Any) -> dict[str, Any]:  # noqa: N802
        new = registered_webhook(id, given["input"])
        self.webhooks = [new if hook["id"] == id else hook for hook in self.webhooks]
        return {"webhookUpdate": {"webhook": {"id": id}, "errors": []}}

    def _WebhookDelete(self, id: str) -> dict[str, Any]:  # noqa: N802
        self.webhooks = [hook for hook in self.webhooks if hook["id"] != id]
        return {"webhookDelete": FULFILS}

    def _ReadOrder(self, id: str) -> dict[str, Any]:  # noqa: N802
        return {"order": self.orders.get(id)}

    def _ReadOrders(self, first: int, after: str | None, where: Any, sortBy: Any) -> dict[str, Any]:  # noqa: N802, N803
        nodes = list(self.orders.values())
        if where and "ids" in where:
            nodes = [node for node in nodes if node["id"] in where["ids"]]
        if where and "user" in where:
            nodes = [node for node in nodes if (node["user"] or {}).get("id") == where["user"]["eq"]]
        for name, key in (("createdAt", "created"), ("updatedAt", "updatedAt")):
            if where and name in where:
                nodes = [node for node in nodes if node[key] >= where[name]["gte"]]
        if sortBy:
            key = {"CREATED_AT": "created", "LAST_MODIFIED_AT": "updatedAt"}[sortBy["field"]]
            nodes.sort(key=lambda node: node[key])
        listed = [{k: v for k, v in node.items() if k not in {"origin", "weight"}} for node in nodes]
        return {"orders": self._page(listed, first, after)}

    def _ReadCustomers(self, first: int, after: str | None) -> dict[str, Any]:  # noqa: N802
        return {"customers": self._page(list(self.users.values()), first, after)}

    def _ReadCustomer(self, id: str) -> dict[str, Any]:  # noqa: N802
        return {"user": self.users.get(id)}

    def _ReadCustomersById(self, first: int, ids: list[str]) -> dict[str, Any]:  # noqa: N802
        found = [node for id, node in self.users.items() if id in ids and not node["isStaff"]]
        return {"customers": self._page(found, first, None)}

    def _ReadOrderNotes(self, id: str) -> dict[str, Any]:  # noqa: N802
        events: list[dict[str, Any]] = [{"id": "e0", "type": "PLACED", "message": None}]
        events += [{"id": f"e{i}", "type": "NOTE_ADDED", "message": text} for i, text in enumerate(self.notes[id], 1)]
        return {"order": {"events": events} if id in self.orders else None}

    def _TellShop(self, **told: Any) -> dict[str, Any]:  # noqa: N802
        answer = {}
        if told["withNote"]:
            self.notes[told["order"]].append(told["message"])
            answer["note"] = {"event": {"id": "event"}, "errors": []}
        for part, id in (("Order", told["order"]), ("Customer", told["customer"])):
            if told[f"with{part}"]:
                self.metadata[id].update({item["key"]: item["value"] for item in told[f"{part.lower()}Mirror"]})
                answer[part.lower()] = FULFILS
        return answer

    def _MirrorTiers(self, customers: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N802
        for customer in customers:
            given = {item["key"]: item["value"] for item in customer["input"]["privateMetadata"]}
            self.metadata[customer["id"]].update(given)
        return {"customerBulkUpdate": FULFILS}

    def _ReadOrderLineGuards(self, id: str, promotions: bool) -> dict[str, Any]:  # noqa: N802
        if id not in self.orders:
            return {"order": None}
        answer: dict[str, Any] = {"order": {
            "id": id, "status": self.orders[id]["status"], "taxExemption": False,
            "channel": {"taxConfiguration": {"chargeTaxes": False, "taxCalculationStrategy": "FLAT_RATES"}},
            "shippingAddress": {"country": {"code": "US"}}, "total": self._total(id), "discounts": [],
            "voucherCode": None, "voucher": None, "lines": [guard_line("bought"), *self.lines[id]], **self.guards,
        }}  # fmt: skip
        if promotions:
            edges = [{"node": promotion} for promotion in self.promotions]
            answer["promotions"] = {"pageInfo": {"hasNextPage": False}, "edges": edges}
        return answer

    def _OrderLinesCreate(self, order: str, variant: str) -> dict[str, Any]:  # noqa: N802
        if code := self.refused_variants.get(variant):
            problem = {"field": "input", "code": code, "message": f"refused as {code}", "variants": [variant]}
            return {"orderLinesCreate": {"orderLines": None, "order": None, "errors": [problem]}}
        line = guard_line(f"line-{len(self.asked)}", variant=variant, isPriceOverridden=True, amount=0)
        self.lines[order].append(line)
        added = [{"id": line["id"], "variant": {"id": variant}}]
        lines = [{"id": known["id"]} for known in self.lines[order]]
        after = {"id": order, "status": "UNCONFIRMED", "total": self._total(order), "lines": lines}
        return {"orderLinesCreate": {"orderLines": added, "order": after, "errors": []}}

    def _OrderLineDelete(self, line: str) -> dict[str, Any]:  # noqa: N802
        for lines in self.lines.values():
            lines[:] = [known for known in lines if known["id"] != line]
        return {"orderLineDelete": {"order": None, "errors": []}}

    def _OrderConfirm(self, order: str) -> dict[str, Any]:  # noqa: N802
        if self.orders[order]["status"] != "UNCONFIRMED":
            problem = {"field": "id", "code": "INVALID", "message": "status different than unconfirmed"}
            return {"orderConfirm": {"order": None, "errors": [problem]}}
        self.change_order(order, status="UNFULFILLED")
        return {"orderConfirm": {"order": {"id": order, "status": "UNFULFILLED"}, "errors": []}}

    def _ReadPackingLists(self, ids: list[str], first: int, addresses: bool, prices: bool) -> dict[str, Any]:  # noqa: N802
        found = [packing_node(node, addresses, prices) for id, node in self.orders.items() if id in ids]
        return {"orders": {"edges": [{"node": node} for node in found[:first]]}}

    def _ReadWarehouses(self, first: int, after: str | None) -> dict[str, Any]:  # noqa: N802
        nodes = [{"id": id, "name": name} for id, name in self.warehouses.items()]
        return {"warehouses": self._page(nodes, first, after)}

    def _ReadVariantStock(self, ids: list[str], first: int, mark: bool) -> dict[str, Any]:  # noqa: N802
        edges = []
        for id in [id for id in ids if id in self.stocks][:first]:
            stocks = [
                {"warehouse": {"id": where, "name": self.warehouses.get(where, where)}, "quantity": there[0],
                 "quantityAllocated": there[1]}
                for where, there in self.stocks[id].items()
            ]  # fmt: skip
            marked = {"mark": self.metadata[id].get("best-regards.stock")} if mark else {}
            edges.append({"node": {"id": id, "stocks": stocks, **marked}})
        return {"productVariants": {"edges": edges}}

    def _TellStock(self, variant: str, mark: str, warehouse: str, quantity: int) -> dict[str, Any]:  # noqa: N802
        if variant not in self.stocks:
            problem = {"field": "id", "code": "NOT_FOUND", "message": f"Couldn't resolve to a node: {variant}"}
            return {"mark": {"errors": [problem]}, "stock": {"errors": [problem]}}
        self.metadata[variant]["best-regards.stock"] = mark
        self.stocks[variant].setdefault(warehouse, [0, 0])[0] = quantity
        return {"mark": FULFILS, "stock": FULFILS}

    def _AppProblemCreate(self, key: str, message: str, critical: int | None) -> dict[str, Any]:  # noqa: ARG002, N802
        self.problems[key] = message
        return {"appProblemCreate": FULFILS}

    def _AppProblemDismiss(self, keys: list[str]) -> dict[str, Any]:  # noqa: N802
        for key in keys:
            self.problems.pop(key, None)
        return {"appProblemDismiss": FULFILS}

    def _total(self, order: str) -> dict[str, Any]:
        gross = self.orders[order]["total"]["gross"]
        return {"gross": {**gross, "amount": gross["amount"] + self.line_moves_total_by * len(self.lines[order])}}

    def _page(self, nodes: list[dict[str, Any]], first: int, after: str | None) -> dict[str, Any]:
        start = int(after or 0)
        end = start + min(first, self.largest_page)
        return {"totalCount": len(nodes), "edges": [{"node": node} for node in nodes[start:end]],
                "pageInfo": {"hasNextPage": end < len(nodes), "endCursor": str(end)}}  # fmt: skip


def ok(data: dict[str, Any]) -> Reply:
    return 200, {}, json.dumps({"data": data})


def registered_webhook(id: str, made: dict[str, Any]) -> dict[str, Any]:
    """A webhook as `ShopAndApp` reads it, from the input it was made with."""
    return {"id": id, "name": made["name"], "targetUrl": made["targetUrl"], "isActive": made["isActive"],
            "subscriptionQuery": made["query"],
            "asyncEvents": [{"eventType": event} for event in made["asyncEvents"]]}  # fmt: skip


def guard_line(id: str = "bought", *, variant: str = "bought", amount: float = 50, **changes: Any) -> dict[str, Any]:
    values = {"id": id, "isGift": False, "isPriceOverridden": False, "taxRate": 0, "taxClass": None,
              "variant": {"id": variant}, "totalPrice": {"gross": {"amount": amount}}}  # fmt: skip
    return {**values, **changes}


def packing_node(node: dict[str, Any], addresses: bool, prices: bool) -> dict[str, Any]:
    """An order as `ReadPackingLists` reads it, from one as `ReadOrder` does; what a test sets stands as it is."""
    street = {"firstName": "Anna", "lastName": "Nguyen", "companyName": "", "streetAddress1": "1 Bay",
              "streetAddress2": "", "city": "SAN FRANCISCO", "postalCode": "94102", "cityArea": "",
              "countryArea": "CA", **(node["shippingAddress"] or {})}  # fmt: skip
    values = {
        "id": node["id"], "number": node["number"], "status": node["status"], "isPaid": node["chargeStatus"] == "FULL",
        "created": node["created"], "languageCodeEnum": node["languageCodeEnum"],
        "shippingMethodName": node.get("shippingMethodName"), "collectionPointName": node.get("collectionPointName"),
        "customerNote": node.get("customerNote", ""), "anonymized": node["anonymized"],
        "channel": {"currencyCode": node["total"]["gross"]["currency"]},
        "lines": [packing_line(line, prices) for line in node["lines"]],
    }  # fmt: skip
    if addresses:
        values["shippingAddress"] = street if node["shippingAddress"] else None
    if prices:
        values |= {name: {"gross": {"amount": node[name]["gross"]["amount"]}}
                   for name in ("subtotal", "shippingPrice", "total")}  # fmt: skip
    return values


def packing_line(line: dict[str, Any], prices: bool) -> dict[str, Any]:
    names = ("productName", "quantity", "isGift")
    own = {name: line[name] for name in names}
    values = {"variantName": "", "productSku": "SKU-1", "productVariantId": (line["variant"] or {}).get("id"),
              "quantityToFulfill": line["quantity"], "isShippingRequired": True}  # fmt: skip
    values = {name: line.get(name, value) for name, value in values.items()}
    total = {"totalPrice": line.get("totalPrice", {"gross": {"amount": 50}})} if prices else {}
    return {**own, **values, **total}


# ---- Troubles


def answer_lost(wire: ShopWire, asked: Asked) -> Reply:
    """The shop carries it out, and the answer never arrives."""
    wire.carry_out(asked)
    raise requests.ConnectionError("Connection reset by peer")


def timed_out(wire: ShopWire, asked: Asked) -> Reply:
    raise requests.ReadTimeout("Read timed out. (read timeout=20)")


def down(wire: ShopWire, asked: Asked) -> Reply:
    return 502, {"Content-Type": "text/html"}, "<html><h1>502 Bad Gateway</h1></html>"


def too_many(seconds: str = "60") -> Fault:
    return lambda _wire, _asked: (429, {"Retry-After": seconds}, "")


def pause_is_over(app: App, shop: Shop) -> None:
    """The pause that the shop asked for went by, on the one clock that no test moves."""
    app.client(shop)._busy_until = 0


def failing(field: str, code: str, *, message: str = "Internal Server Error", data: Any = None) -> Fault:
    """One field raises, the others are carried out, as Saleor does it."""

    def fault(wire: ShopWire, asked: Asked) -> Reply:
        status, headers, text = _others(wire, asked, field)
        body = json.loads(text)
        body["data"] = {**body["data"], field: data}
        body["errors"] = [{"message": message, "path": [field], "extensions": {"exception": {"code": code}}}]
        return status, headers, json.dumps(body)

    return fault


def refusing(field: str, code: str = "REQUIRED", message: str = "Not like this.") -> Fault:
    """One mutation answers with `errors[]`, the others are carried out."""

    def fault(wire: ShopWire, asked: Asked) -> Reply:
        status, headers, text = _others(wire, asked, field)
        body = json.loads(text)
        body["data"][field] = {"errors": [{"field": "id", "code": code, "message": message}]}
        return status, headers, json.dumps(body)

    return fault


def denied(wire: ShopWire, asked: Asked) -> Reply:
    """No permission, or no such token: Saleor answers both alike, field by field."""
    fields = {"ReadOrders": ["orders"], "ReadOrder": ["order"], "ReadCustomers": ["customers"],
              "ReadCustomer": ["user"], "AppAlive": ["app"], "ShopAndApp": ["app"],
              "TellShop": ["note", "order", "customer"],
              "TellStock": ["mark", "stock"]}.get(asked.operation, [asked.operation])  # fmt: skip
    needed = "MANAGE_PRODUCTS" if asked.operation == "TellStock" else "MANAGE_ORDERS"
    message = f"To access this path, you need one of the following permissions: {needed}"
    errors = [{"message": message, "path": [field], "extensions": {"exception": {"code": "PermissionDenied"}}}
              for field in fields]  # fmt: skip
    return 200, {}, json.dumps({"data": None, "errors": errors})


def not_understood(wire: ShopWire, asked: Asked) -> Reply:
    return 400, {}, json.dumps({"errors": [{"message": 'Cannot query field "x" on type "Order".'}]})


def _others(wire: ShopWire, asked: Asked, field: str) -> Reply:
    """The answer to the rest of a request: one of TellShop's mutations, or the only field of another document,
    is not carried out."""
    flag = {"note": "withNote", "order": "withOrder", "customer": "withCustomer"}.get(field)
    if flag is None or asked.operation != "TellShop":
        return ok({})
    return wire.carry_out(Asked(asked.operation, {**asked.variables, flag: False}, asked.query, asked.token))
