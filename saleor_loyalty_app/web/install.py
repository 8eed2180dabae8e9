"""Where a shop installs the app: the manifest, and the token exchange."""

import re

import structlog
from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from prometheus_client import Counter

from saleor_loyalty_app.saleor.manifest import TooOld, manifest
from saleor_loyalty_app.services.install_shop import InstallRefused, install_shop
from saleor_loyalty_app.web.means import loyalty

log = structlog.get_logger()
blueprint = Blueprint("install", __name__)

INSTALLS = Counter("loyalty_installs_refused_total", "Installs that were not accepted, by reason", ["reason"])

LARGEST_BODY = 4_000


@blueprint.get("/api/manifest")
def show_manifest() -> ResponseReturnValue:
    """The manifest for the shop's version, which Saleor names in a header."""
    try:
        return manifest(request.headers.get("Saleor-Schema-Version"), loyalty().settings.public_url)
    except TooOld as refused:
        return _refusal(400, "SALEOR_TOO_OLD", str(refused))


@blueprint.post("/api/register")
def register() -> ResponseReturnValue:
    """The token exchange. Staff see `error.message` of a refusal (live-facts.md)."""
    if (request.content_length or 0) > LARGEST_BODY:
        return _refusal(413, "TOO_LARGE", "The shop sent more than a token. Please try to install again.")
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        body = None  # nested deeper than any shop would
    token = body.get("auth_token") if isinstance(body, dict) else None
    try:
        install_shop(
            loyalty(),
            saleor_api_url=request.headers.get("Saleor-Api-Url", ""),
            token=token if isinstance(token, str) and re.fullmatch(r"[\x21-\x7e]{1,200}", token) else "",
        )
    except InstallRefused as refused:
        INSTALLS.labels(refused.code).inc()
        log.warning("install_refused", reason=refused.code)
        return _refusal(refused.status, refused.code, refused.message)
    return {"success": True}, 200


def _refusal(status: int, code: str, message: str) -> ResponseReturnValue:
    return {"success": False, "error": {"code": code, "message": message}}, status
