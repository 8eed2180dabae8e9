"""A mini dashboard: shows orders and customers as they stand in the shop, and frames apps as the real one does.

For loopback only: whoever opens it acts as staff.
"""

from typing import Any

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from saleor_loyalty_app.demo import pricing
from saleor_loyalty_app.demo.apps import InstallationFailed
from saleor_loyalty_app.demo.dashboard_frames import (
    entries,
    navigation,
    page_frame,
    token_of_extension,
    token_of_page,
    widget_frames,
)
from saleor_loyalty_app.demo.dashboard_words import word
from saleor_loyalty_app.demo.desk import Refused
from saleor_loyalty_app.demo.ids import WrongId, local_key
from saleor_loyalty_app.demo.money import rounded
from saleor_loyalty_app.demo.order_records import Order
from saleor_loyalty_app.demo.people_records import App, User
from saleor_loyalty_app.demo.shop import Shop
from saleor_loyalty_app.demo.traffic import Traffic

PAGE = 40


def create_dashboard(shop: Shop, traffic: Traffic, staff: User) -> Blueprint:
    """The pages, for one shop; `staff` is who looks, `traffic` places orders when asked to."""
    pages = Blueprint("dashboard", __name__, template_folder="templates", static_folder="static")

    @pages.context_processor
    def means() -> dict[str, Any]:
        locale = _locale()
        return {
            "say": lambda text: word(text, locale),
            "locale": locale,
            "shop": shop,
            "staff": staff,
            "prices": pricing,
            "problems": sum(not each.dismissed_by for app in shop.apps.installed.values() for each in app.problems),
            "nav_orders": navigation(shop, "NAVIGATION_ORDERS", staff),
            "nav_customers": navigation(shop, "NAVIGATION_CUSTOMERS", staff),
            "nav_others": [each for place in _OTHER_PLACES for each in navigation(shop, f"NAVIGATION_{place}", staff)],
        }

    @pages.after_request
    def keep_nothing(response: Response) -> Response:
        """Each page is made anew when one goes back to it, as in a dashboard that is one page."""
        response.headers["Cache-Control"] = "no-store"
        return response

    @pages.get("/")
    def home() -> AnyResponse:
        return redirect("/orders/")

    _add_order_pages(pages, shop, traffic, staff)
    _add_customer_pages(pages, shop, staff)
    _add_app_pages(pages, shop, staff)
    return pages


_OTHER_PLACES = ("CATALOG", "DISCOUNTS", "TRANSLATIONS", "PAGES")


def _add_order_pages(pages: Blueprint, shop: Shop, traffic: Traffic, staff: User) -> None:
    @pages.get("/orders/")
    def orders() -> str:
        wanted = request.args.get("search", "").lower()
        book = [each for each in reversed(shop.orders.by_key.values()) if each.status != "DRAFT"]
        found = [each for each in book if wanted in f"{each.number} {each.user_email}"]
        start = max(0, request.args.get("from", 0, type=int))
        people = [each for each in shop.customers.by_key.values() if not each.is_staff][:200]
        return render_template(
            "demo/orders.html", orders=found[start : start + PAGE], start=start, count=len(found), page=PAGE,
            people=people, search=wanted,
        )  # fmt: skip

    @pages.post("/orders/new")
    def new_order() -> AnyResponse:
        chosen = next((each for each in traffic.people if each.email == request.form.get("email")), None)
        return redirect(f"/orders/{traffic.order(chosen).id}")

    @pages.get("/orders/<path:key>")
    @pages.get("/order/<path:key>")
    def order(key: str) -> str:
        found = _order(shop, key)
        return render_template(
            "demo/order.html", order=found, actions=entries(shop, "ORDER_DETAILS_MORE_ACTIONS", orderId=found.id),
            widgets=widget_frames(shop, "ORDER_DETAILS_WIDGETS", staff, orderId=found.id),
        )  # fmt: skip

    @pages.get("/now/order/<path:key>")
    def order_now(key: str) -> str:
        return render_template("demo/order_now.html", order=_order(shop, key))

    @pages.post("/do/<act>/<path:key>")
    def do(act: str, key: str) -> AnyResponse:
        _act(shop, act, _order(shop, key), staff)
        return redirect(f"/orders/{key}")


def _add_customer_pages(pages: Blueprint, shop: Shop, staff: User) -> None:
    @pages.get("/customers/")
    def customers() -> str:
        wanted = request.args.get("search", "").lower()
        everybody = [each for each in shop.customers.by_key.values() if not each.is_staff]
        found = [each for each in everybody if wanted in f"{each.full_name} {each.email}".lower()]
        start = max(0, request.args.get("from", 0, type=int))
        return render_template(
            "demo/customers.html", customers=found[start : start + PAGE], start=start, count=len(found), page=PAGE,
            search=wanted,
        )  # fmt: skip

    @pages.get("/customers/<path:key>")
    @pages.get("/customer/<path:key>")
    def customer(key: str) -> str:
        found = _customer(shop, key)
        theirs = [each for each in reversed(shop.orders.by_key.values()) if each.user is found]
        return render_template(
            "demo/customer.html", customer=found, orders=theirs[:PAGE], count=len(theirs),
            actions=entries(shop, "CUSTOMER_DETAILS_MORE_ACTIONS", customerId=found.id),
            widgets=widget_frames(shop, "CUSTOMER_DETAILS_WIDGETS", staff, customerId=found.id),
        )  # fmt: skip

    @pages.get("/now/customer/<path:key>")
    def customer_now(key: str) -> str:
        return render_template("demo/customer_now.html", customer=_customer(shop, key))

    @pages.post("/delete/customer/<path:key>")
    def delete_customer(key: str) -> AnyResponse:
        shop.customers.delete(_customer(shop, key), by=staff)
        return redirect("/customers/")


def _add_app_pages(pages: Blueprint, shop: Shop, staff: User) -> None:
    @pages.get("/extensions/")
    def extensions() -> str:
        return render_template("demo/extensions.html", apps=list(shop.apps.installed.values()), failure=None)

    @pages.post("/extensions/install")
    def install() -> str | AnyResponse:
        try:
            app = shop.apps.install(request.form.get("manifest", ""), by=staff)
        except InstallationFailed as failed:
            apps = list(shop.apps.installed.values())
            return render_template("demo/extensions.html", apps=apps, failure=str(failed))
        return redirect(f"/extensions/app/{app.id}")

    @pages.post("/extensions/<act>/<int:key>")
    def change(act: str, key: int) -> AnyResponse:
        acts = {"activate": shop.apps.activate, "deactivate": shop.apps.deactivate, "uninstall": shop.apps.uninstall}
        if act not in acts:
            abort(404)
        acts[act](_app(shop, key), by=staff)
        return redirect("/extensions/")

    @pages.get("/extensions/app/<key>/", strict_slashes=False)
    @pages.get("/extensions/app/<key>/<path:path>")
    def app_page(key: str, path: str = "") -> str:
        frame = page_frame(shop, _app_by_id(shop, key), path, staff)
        return render_template("demo/app.html", frame=frame)

    @pages.get("/extensions/logo/<int:key>")
    def logo(key: int) -> Response:
        picture = _app(shop, key).logo
        return Response(picture, mimetype="image/png") if picture else Response(status=404)

    @pages.get("/token/page/<int:key>")
    def page_token(key: int) -> Response:
        return jsonify(token=token_of_page(shop, _app(shop, key), staff))

    @pages.get("/token/extension/<int:key>/<int:extension>")
    def extension_token(key: int, extension: int) -> Response:
        app = _app(shop, key)
        found = next((each for each in app.extensions if each.pk == extension), None) or abort(404)
        return jsonify(token=token_of_extension(shop, app, found, staff))


def _locale() -> str:
    return "de" if request.cookies.get("demo_locale") == "de" else "en"


def _order(shop: Shop, key: str) -> Order:
    try:
        return shop.orders.by_key.get(local_key(key, "Order")) or abort(404)
    except WrongId:
        abort(404)


def _customer(shop: Shop, key: str) -> User:
    try:
        return shop.customers.by_key.get(int(local_key(key, "User"))) or abort(404)
    except ValueError:
        abort(404)


def _app(shop: Shop, key: int) -> App:
    return shop.apps.installed.get(key) or abort(404)


def _app_by_id(shop: Shop, key: str) -> App:
    try:
        return _app(shop, int(local_key(key, "App")))
    except ValueError:
        abort(404)


def _act(shop: Shop, act: str, order: Order, staff: User) -> None:
    """Do what a button says; what the shop refuses simply does not happen."""
    try:
        if act == "refund":
            shop.payments.refund(order, rounded(order.charged / 2, order.channel.currency_code), by=staff)
        elif act in ("confirm", "fulfil", "cancel"):
            getattr(shop.desk, act)(order, by=staff)
        else:
            abort(404)
    except Refused:
        return
