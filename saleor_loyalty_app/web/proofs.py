"""Proofs as parts of a page: pictures within the answer, since the frame may load nothing by an address of its own."""

from base64 import b64encode

from flask import render_template

from saleor_loyalty_app.services.prove_stationery import Proof
from saleor_loyalty_app.web.words import locale


def proof_part(proof: Proof | None, *, outside: Proof | None = None, problems: tuple[str, ...] = ()) -> str:
    """A proof, and of a folded card its outside; or what keeps it from being printed."""
    said = tuple(one.said(locale()) for one in proof.problems) if proof else problems
    return render_template(
        "panel/print_proof.html", image=image_of(proof), outside=image_of(outside), problems=said
    )  # fmt: skip


def image_of(proof: Proof | None) -> str:
    """A proof as the address of an image, "" when there is none."""
    return png_address(proof.png) if proof and proof.png else ""


def png_address(png: bytes) -> str:
    """A PNG as the address of an image."""
    return f"data:image/png;base64,{b64encode(png).decode()}"
