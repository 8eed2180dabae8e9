"""Which of the values that a form sends are changes: the same amount and a default that was left out are none."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import BaseModel

from saleor_loyalty_app.domain.program import (
    Budget,
    Delivery,
    Extra,
    MomentRules,
    Note,
    Packing,
    Program,
    Sender,
    Surprise,
    Tier,
)
from saleor_loyalty_app.domain.program_places import Path
from saleor_loyalty_app.domain.toml_values import fingerprint, plain

MODELS: dict[str, type[BaseModel]] = {
    "sender": Sender,
    "tiers": Tier,
    "extras": Extra,
    "surprises": Surprise,
    "notes": Note,
    "budget": Budget,
    "moments": MomentRules,
    "delivery": Delivery,
    "packing": Packing,
}
AMOUNTS = frozenset({"cost", "spend", "month", "customer_year", "by_hand_month"})


def changed_fields(path: Path, known: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the plain values that say something new about a part; None for a field to be removed."""
    model = MODELS[str(path[0])] if path else Program
    changes: dict[str, Any] = {}
    for field, value in values.items():
        if value is None:
            if field in known:
                changes[field] = None
            continue
        new = _kept(model, field, known.get(field), value)
        if field not in known and _is_default(model, field, new):
            continue
        if field not in known or fingerprint(known[field]) != fingerprint(new):
            changes[field] = new
    return changes


def _kept(model: type[BaseModel] | None, field: str, known: Any, value: Any, *, holder: str = "") -> Any:
    """The new value, with what means the same as before written as it was before."""
    if isinstance(value, dict):
        inner = _model_of(model, field)
        before = known if isinstance(known, dict) else {}
        kept = {key: _kept(inner, key, before.get(key), each, holder=field) for key, each in value.items()}
        left = {key: each for key, each in before.items() if key not in value and _is_default(inner, key, each)}
        return left | {key: each for key, each in kept.items() if key in before or not _is_default(inner, key, each)}
    if (field in AMOUNTS or holder == "rates") and _amount(known) is not None and _amount(known) == _amount(value):
        return known
    return value


def _amount(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _model_of(model: type[BaseModel] | None, field: str) -> type[BaseModel] | None:
    annotation = model.model_fields[field].annotation if model and field in model.model_fields else None
    parts = (annotation, *getattr(annotation, "__args__", ()))
    return next((part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)), None)


def _is_default(model: type[BaseModel] | None, field: str, value: Any) -> bool:
    """Whether a value is what the field is anyway when nothing is written."""
    if model is None or field not in model.model_fields or model.model_fields[field].is_required():
        return False
    default = model.model_fields[field].default
    if isinstance(default, BaseModel):
        default = default.model_dump()
        return isinstance(value, dict) and fingerprint(plain({**default, **value})) == fingerprint(plain(default))
    return default is not None and fingerprint(plain(default)) == fingerprint(value)
