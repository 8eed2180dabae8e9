"""How the mini dashboard frames an app."""

from urllib.parse import parse_qsl, urlsplit

import jwt
from demo_house import House
from flask import Flask

from saleor_loyalty_app.demo.dashboard import create_dashboard
from saleor_loyalty_app.demo.dashboard_frames import entries, page_frame, widget_frames
from saleor_loyalty_app.demo.people import Furnished
from saleor_loyalty_app.demo.traffic import Traffic


def test_a_page_is_framed_with_the_dashboards_parameters(house: House) -> None:
    frame = page_frame(house.shop, house.app, "page", house.admin)
    parts = urlsplit(frame.url)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{house.receiver.url}/page"
    assert dict(parse_qsl(parts.query)) == {
        "domain": house.shop.domain,
        "saleorApiUrl": house.api_url,
        "id": house.app.id,
        "featureFlags[new_order_ui][enabled]": "false",
        "featureFlags[new_order_ui][payload]": "default",
    }
    assert frame.saleor_version == "3.23.28"
    assert jwt.decode(frame.token, options={"verify_signature": False})["app"] == house.app.id


def test_a_posted_widget_gets_its_fields_and_a_bare_address(house: House) -> None:
    order = house.place()
    (frame,) = widget_frames(house.shop, "ORDER_DETAILS_WIDGETS", house.admin, orderId=order.id)
    assert frame.url == f"{house.receiver.url}/widget"
    assert [name for name, _ in frame.fields] == ["saleorApiUrl", "accessToken", "appId", "orderId"]
    claims = jwt.decode(dict(frame.fields)["accessToken"], options={"verify_signature": False})
    assert claims["permissions"] == ["MANAGE_ORDERS"]
    assert claims["app_extension"] == house.app.extensions[0].id


def test_navigation_leads_to_the_apps_page_and_only_while_it_is_active(house: House) -> None:
    (entry,) = entries(house.shop, "NAVIGATION_ORDERS")
    assert entry.url == f"/extensions/app/{house.app.id.replace('=', '%3D')}/page"
    house.shop.apps.deactivate(house.app)
    assert entries(house.shop, "NAVIGATION_ORDERS") == []


def test_frames_are_sandboxed_as_in_the_real_dashboard(house: House) -> None:
    order = house.place()
    web = Flask("dashboard")
    traffic = Traffic(house.shop, Furnished([], [], [], house.admin))
    web.register_blueprint(create_dashboard(house.shop, traffic, house.admin))
    for path in (f"/orders/{order.id}", f"/extensions/app/{house.app.id}/page"):
        text = web.test_client().get(path).text
        assert 'sandbox="allow-same-origin allow-forms allow-scripts allow-downloads allow-popups"' in text
    assert '<form class="frame-form" method="post"' in web.test_client().get(f"/orders/{order.id}").text
    logo = web.test_client().get(f"/extensions/logo/{house.app.pk}")
    assert (logo.status_code, logo.mimetype) == (200, "image/png")
    token = web.test_client().get(f"/token/page/{house.app.pk}").json
    assert token["token"].count(".") == 2
