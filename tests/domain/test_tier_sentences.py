"""What staff read about tiers, in English and German; each word that the app says is translated."""

import io
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from hypothesis import given
from tier_factories import (
    LIFETIME,
    YEAR,
    Customer,
    a_customer,
    a_member,
    a_program,
    a_tier,
    asks,
    bought,
    rolling,
    three_tiers,
)
from tier_strategies import customers, moments, often

from saleor_loyalty_app.domain import tier_sentences
from saleor_loyalty_app.domain.orders import NoParcel
from saleor_loyalty_app.domain.program import Program
from saleor_loyalty_app.domain.tier_by_hand import set_by_hand
from saleor_loyalty_app.domain.tier_sentences import NO_PARCEL, TO_A_TIER, progress, why, why_no_parcel
from saleor_loyalty_app.domain.tiers import Decision, DecisionKind, Standing

CATALOGUE = Path(tier_sentences.__file__).parent.parent / "locale/de/tiers.po"


def spaced(text: str) -> str:
    """Money is written with a space that does not break; for reading, any space does."""
    return text.replace("\xa0", " ")


def both(decision: Decision, program: Program) -> tuple[str, str]:
    return spaced(why(decision, program, "en")), spaced(why(decision, program, "de-AT"))


def first(customer: Customer, now: str) -> tuple[str, str]:
    decision = customer.decide(now)
    assert decision
    return both(decision, customer.programs[customer.version])


def by_hand(customer: Customer, tier: str | None, until: date | None = None) -> tuple[str, str]:
    decision = set_by_hand(
        **customer.asked("2026-03-03"), tier=tier, by="VXNlcjox", reason="100 % our friend.", last_day=until
    )
    customer.membership = decision.membership
    return both(decision, customer.programs[customer.version])


def test_entering() -> None:
    assert first(a_customer(purchases=[bought("2026-03-03", 61_200)]), "2026-03-03") == (
        "Gold since 3 March 2026: €612.00 in twelve months; it takes €500.00.",
        "Gold seit dem 3. März 2026: 612,00 € in zwölf Monaten; dafür braucht es 500,00 €.",
    )


@pytest.mark.parametrize(
    ("enter", "english", "german"),
    [
        (
            asks(orders=1),
            "2 orders in twelve months; it takes 1 order",
            "dafür braucht es 1 Bestellung.",
        ),
        (
            asks("50", 2, window=rolling(90)),
            "€200.00 and 2 orders in 90 days; it takes €50.00 and 2 orders",
            "200,00 € und 2 Bestellungen in 90 Tagen; dafür braucht es 50,00 € und 2 Bestellungen",
        ),
        (
            asks("50", 9, needs="any", window=YEAR),
            "€200.00 and 2 orders in 2026; it takes €50.00 or 9 orders",
            "200,00 € und 2 Bestellungen im Jahr 2026; dafür braucht es 50,00 € oder 9 Bestellungen",
        ),
        (
            asks("50", window=LIFETIME),
            "€200.00 in all; it takes €50.00",
            "200,00 € insgesamt; dafür braucht es 50,00 €",
        ),
        (asks("50", window=rolling(1)), "€200.00 in 1 day;", "200,00 € an 1 Tag;"),
    ],
)
def test_what_was_counted_and_what_it_takes(enter: dict, english: str, german: str) -> None:
    customer = a_customer(a_program(a_tier(enter=enter)), purchases=[bought("2026-03-03"), bought("2026-03-03")])
    in_english, in_german = first(customer, "2026-03-03")
    assert english in in_english
    assert german in in_german


@pytest.mark.parametrize(
    ("currency", "worth_minor", "english", "german"),
    [("JPY", 500, "¥500", "500 ¥"), ("KWD", 500_000, "KWD500.000", "500,000 KWD")],
)
def test_money_has_the_decimals_of_its_currency(currency: str, worth_minor: int, english: str, german: str) -> None:
    customer = a_customer(a_program(currency=currency), purchases=[bought("2026-03-03", worth_minor)])
    in_english, in_german = first(customer, "2026-03-03")
    assert english in in_english.replace(" ", "")
    assert german in in_german


def test_the_way_down_and_back() -> None:
    customer = a_customer(three_tiers(), purchases=[bought("2025-03-03", 46_000), bought("2025-06-01", 4_000)])
    customer.membership = a_member(since="2025-03-03")
    assert first(customer, "2026-02-10") == (
        "Gold is safe until 2 March 2026; €460.00 more and it stays.",
        "Gold ist bis zum 2. März 2026 sicher; mit noch 460,00 € bleibt es dabei.",
    )
    assert first(customer, "2026-03-03") == (
        "Gold stays until 2 April 2026 for now: €40.00 in twelve months; keeping it takes €500.00.",
        "Gold bleibt vorerst bis zum 2. April 2026: 40,00 € in zwölf Monaten; zum Halten braucht es 500,00 €.",
    )
    safe = replace(customer, purchases=[*customer.purchases, bought("2026-03-10", 46_000)])
    safe.programs = {1: three_tiers(warn_days=0)}
    assert first(safe, "2026-03-10") == (
        "Gold is safe again: €500.00 in twelve months; keeping it takes €500.00.",
        "Gold ist wieder sicher: 500,00 € in zwölf Monaten; zum Halten braucht es 500,00 €.",
    )
    assert first(customer, "2026-04-03") == (
        "Silver instead of Gold since 3 April 2026: €40.00 in twelve months; keeping Gold takes €500.00.",
        "Silver statt Gold seit dem 3. April 2026: 40,00 € in zwölf Monaten; um Gold zu halten, braucht es 500,00 €.",
    )
    customer.membership = a_member("bronze", standing=Standing.GRACE, grace_until=date(2026, 4, 2))
    assert first(customer, "2026-04-03") == (
        "No longer Bronze since 3 April 2026: €40.00 in twelve months; keeping it takes €100.00.",
        "Seit dem 3. April 2026 nicht mehr Bronze: 40,00 € in zwölf Monaten; zum Halten braucht es 100,00 €.",
    )


def test_decisions_by_hand() -> None:
    customer = a_customer(three_tiers())
    assert by_hand(customer, "gold") == (
        "Gold until further notice, decided by hand: 100 % our friend.",
        "Gold bis auf Weiteres, von Hand entschieden: 100 % our friend.",
    )
    assert by_hand(customer, None) == (
        "No tier until further notice, decided by hand: 100 % our friend.",
        "Keine Stufe bis auf Weiteres, von Hand entschieden: 100 % our friend.",
    )
    assert by_hand(customer, "gold", date(2026, 12, 31)) == (
        "Gold until 31 December 2026, decided by hand: 100 % our friend.",
        "Gold bis zum 31. Dezember 2026, von Hand entschieden: 100 % our friend.",
    )
    assert first(customer, "2027-01-01") == (
        "The decision by hand for Gold ended on 1 January 2027; from here on the rules decide again.",
        "Die Entscheidung von Hand für Gold endete am 1. Januar 2027; ab jetzt gelten wieder die Regeln.",
    )


def test_changed_rules_and_orders_that_fell_through() -> None:
    lower = a_customer(three_tiers(), a_program(a_tier("silver")), membership=a_member(), version=2)
    assert first(lower, "2026-03-03") == (
        "Gold is no longer part of the program; Silver since 3 March 2026.",
        "Gold gibt es im Programm nicht mehr; seit dem 3. März 2026 Silver.",
    )
    lower.membership = a_member("bronze")
    assert first(lower, "2026-03-03")[1] == "Bronze gibt es im Programm nicht mehr."
    renewed = a_customer(a_program(a_tier(enter=asks("100"))), a_program(), membership=a_member(), version=2)
    renewed.purchases = [bought("2026-03-03", 50_000)]
    assert first(renewed, "2026-03-03") == (
        "Gold earned again under the new rules: €500.00 in twelve months; it takes €500.00.",
        "Gold nach den neuen Regeln erneut erreicht: 500,00 € in zwölf Monaten; dafür braucht es 500,00 €.",
    )
    back = a_customer(three_tiers(), membership=a_member(entered_with_orders=1, entered_from="silver"))
    assert first(back, "2026-01-03") == (
        "Back to Silver: an order that led to Gold fell through.",
        "Zurück zu Silver: Eine Bestellung, die zu Gold geführt hatte, ist weggefallen.",
    )
    back.membership = a_member(entered_with_orders=1)
    assert first(back, "2026-01-03") == (
        "Gold taken back: an order that led to it fell through.",
        "Gold zurückgenommen: Eine Bestellung, die dazu geführt hatte, ist weggefallen.",
    )


def ahead(customer: Customer, now: str, language: str = "en") -> list[str]:
    return [spaced(each) for each in progress(customer.outlook(now), customer.programs[customer.version], language)]


def test_what_lies_ahead() -> None:
    customer = a_customer(three_tiers(), purchases=[bought("2026-03-03", 31_200)])
    assert ahead(customer, "2026-03-02") == ["€100.00 to Bronze"]
    customer.review("2026-03-03")
    assert ahead(customer, "2026-03-03") == [
        "Silver is safe until 2 March 2027; €300.00 more and it stays.",
        "€188.00 to Gold",
    ]
    assert ahead(customer, "2026-03-03", "de") == [
        "Silver ist bis zum 2. März 2027 sicher; mit noch 300,00 € bleibt es dabei.",
        "Noch 188,00 € bis Gold",
    ]
    customer.review("2027-03-03")
    assert ahead(customer, "2027-03-10") == [
        "Silver stays until 2 April 2027; €300.00 more and it is safe.",
        "€500.00 to Gold",
    ]
    assert ahead(customer, "2027-03-10", "de")[0] == (
        "Silver bleibt bis zum 2. April 2027; mit noch 300,00 € ist wieder alles sicher."
    )  # fmt: skip


def test_what_lies_ahead_of_somebody_set_by_hand() -> None:
    customer = a_customer(three_tiers(), purchases=[bought("2026-03-01", 90_000)])
    by_hand(customer, "silver", date(2026, 12, 31))
    assert ahead(customer, "2026-03-03", "de") == ["Silver bis zum 31. Dezember 2026, von Hand entschieden."]
    by_hand(customer, "bronze")
    assert ahead(customer, "2026-03-03", "de") == ["Bronze bis auf Weiteres, von Hand entschieden."]


def test_what_lies_ahead_at_the_ends() -> None:
    forever = a_customer(a_program(a_tier(enter=asks(orders=1, window=LIFETIME))), purchases=[bought("2026-03-01")])
    assert ahead(forever, "2026-03-03") == []
    forever.review("2026-03-03")
    assert ahead(forever, "2026-03-03", "de") == ["Gold ist sicher."]
    nobody = a_customer(a_program(a_tier(enter=asks("500", 3, needs="any"))), purchases=[bought("2026-03-01")])
    assert ahead(nobody, "2026-03-03") == ["€400.00 or 2 orders to Gold"]
    due = a_customer(membership=a_member())
    assert ahead(due, "2026-03-03") == []


@often
@given(customer=customers(), now=moments)
def test_there_are_words_for_whatever_happens(customer: Customer, now) -> None:
    for language in ("en", "de"):
        known = replace(customer)
        for decision in known.review(now):
            sentence = why(decision, known.programs[2], language)
            assert sentence
            assert "%" not in sentence
            assert "  " not in sentence
        assert all(progress(known.outlook(now), known.programs[2], language))


def test_every_kind_of_decision_and_every_reason_has_words() -> None:
    assert set(TO_A_TIER) == set(DecisionKind)
    assert set(NO_PARCEL) == set(NoParcel)


@pytest.mark.parametrize("reason", list(NoParcel))
def test_why_there_is_no_parcel(reason: NoParcel) -> None:
    english, german = why_no_parcel(reason, "en-GB"), why_no_parcel(reason, "de")
    assert english.endswith(".")
    assert german.endswith(".")
    assert english != german


def test_every_sentence_is_translated_with_the_same_places_to_fill() -> None:
    source = io.BytesIO(Path(tier_sentences.__file__).read_bytes())
    found = extract("python", source, keywords={"_": None, "ngettext": (1, 2)})
    said = {message if isinstance(message, tuple) else (message,) for _line, message, _comments, _context in found}
    with CATALOGUE.open("rb") as file:
        translated = {
            message.id if isinstance(message.id, tuple) else (message.id,): message
            for message in read_po(file)
            if message.id
        }
    assert set(translated) == said
    for forms, message in translated.items():
        words = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(words)
        assert not message.fuzzy
        for form, word in zip(forms, words, strict=True):
            assert sorted(set(places(form))) == sorted(set(places(word))), form


def places(sentence: str) -> list[str]:
    return re.findall(r"%\((\w+)\)[sd]", sentence)
