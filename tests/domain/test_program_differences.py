"""What differs between two versions is said part by part, in both languages."""

from typing import Any

import pytest
from factories import a_surprise_extra, an_extra, program_toml

from saleor_loyalty_app.domain.program import read_program
from saleor_loyalty_app.domain.program_differences import differences

SILVER = {"id": "silver", "name": {"en": "Silver"}, "enter": {"spend": "100"}}
GOLD = {"id": "gold", "name": {"en": "Gold"}, "enter": {"spend": "500"}}


def told(before: dict[str, Any], after: dict[str, Any], locale: str = "en") -> list[tuple[str, str, str]]:
    found = differences(read_program(program_toml(**before)), read_program(program_toml(**after)), locale)
    return [(one.what, one.before, one.after) for one in found]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, []),
        ({}, {"tiers": [SILVER, {**GOLD, "enter": {"spend": "600", "orders": 3, "needs": "any"}}]},
         [("Tier 'Gold', enter", "$500.00 in 365 days", "$600.00 or 3 orders in 365 days")]),
        ({"tiers": [SILVER, {**GOLD, "keep": {"orders": 1, "window": {"kind": "lifetime"}}}]}, {},
         [("Tier 'Gold', keep", "1 order in all", "as for entering")]),
        ({}, {"tiers": [SILVER]}, [("Tier 'Gold'", "there", "")]),
        ({}, {"extras": [an_extra(), a_surprise_extra(), a_surprise_extra("card", cost="0.40")]},
         [("Extra 'card'", "", "surprise, by chance, $0.40")]),
        ({}, {"extras": [an_extra(best_before=None, suits=["tea"]), a_surprise_extra(cost="1")]},
         [("Extra 'caramel', suits", "nothing", "tea"), ("Extra 'bookmark', cost", "$0.60", "$1.00")]),
        ({}, {"notes": [{"id": "thanks", "language": "en", "text": "Hi"},
                        {"id": "more", "language": "en", "text": "Ho"}]},
         [("Note 'thanks (English)', text", "{{ greeting }} thank you.", "Hi"), ("Note 'more (English)'", "", "Ho")]),
        ({}, {"surprises": [{"chance": 0.25, "pool": ["bookmark"], "tiers": ["gold"]}]},
         [("Surprise rule 1, tiers", "everyone", "Gold"), ("Surprise rule 1, chance", "100%", "25%")]),
        ({}, {"surprises": [{"chance": 0.5, "pool": ["bookmark"], "moments": ["comeback"]},
                            {"chance": 1.0, "pool": ["bookmark"]}]},
         [("Surprise rule 1", "", "moments: comeback; chance: 50%; pool: bookmark")]),
        ({}, {"budget": {"month": "100"}}, [("Budget, month", "no limit", "$100.00")]),
        ({}, {"delivery": {"web": {"by": "order_line"}}},
         [("Delivery, channel 'web', told by", "by packing note", "by order line")]),
        ({}, {"delivery": {"web": {"by": "note"}}}, []),
        ({}, {"gift_cards_count": False, "note_chance": 0.5},
         [("Gift cards count", "yes", "no"), ("Note chance", "100%", "50%")]),
    ],
)  # fmt: skip
def test_what_differs_is_said(before: dict[str, Any], after: dict[str, Any], expected: list[Any]) -> None:
    assert told(before, after) == expected


def test_tiers_in_another_order_are_told_once() -> None:
    one, other = ({**SILVER, "enter": {"orders": 1}}, {**GOLD, "enter": {"spend": "5"}})
    assert told({"tiers": [one, other]}, {"tiers": [other, one]}) == [
        ("Order of ranks", "Silver, Gold", "Gold, Silver")
    ]


def test_it_is_said_in_german_too() -> None:
    assert told({}, {"budget": {"month": "1000"}, "trigger": "placed"}, "de-AT") == [
        ("Geplant", "sobald ganz bezahlt", "beim Eingang"),
        ("Budget, Monat", "keine Grenze", "1.000,00\N{NO-BREAK SPACE}$"),
    ]
