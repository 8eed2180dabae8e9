"""Names, streets and towns for the demo shop's customers, by country."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A country's way to be called and to live; weight says how many of the customers come from there."""

    country: str
    language: str
    weight: int
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[tuple[str, str], ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


def _towns(text: str) -> tuple[tuple[str, str], ...]:
    """Towns with the first part of their postal code behind the last blank."""
    return tuple((town.rsplit(" ", 1)[0], town.rsplit(" ", 1)[1]) for town in text.split(", "))


PLACES = (
    Place(
        "DE",
        "DE",
        44,
        _words(
            "Anna, Jürgen, Käthe, Lukas, Marie, Jonas, Sophie, Björn, Heike, Uwe, Friederike, Matthias, "
            "Zoë, Paul, Greta, Johanna, Stefan, Ayşe, Emre, Katharina, Till, Renate, Günther, Lena, "
            "Hannes, Ingrid"
        ),
        _words(
            "Müller, Schmidt, Schneider, Weiß, Krüger, Schäfer, Yılmaz, Köhler, Brandt, Petersen, von "
            "Hagen, Lehmann, Großmann, Vogel, Jansen, Öztürk, Behrens, Fuchs, Hölderlin, Wagner"
        ),
        _words("Lindenstraße, Am Wall, Hauptstraße, Gartenweg, Brückenstraße, Mühlenweg, Kastanienallee"),
        _towns("Bremen 28195, Berlin 10405, Hamburg 20257, Köln 50674, München 80469, Leipzig 04109, Göttingen 37073"),
    ),
    Place(
        "GB",
        "EN",
        26,
        _words(
            "Oliver, Amelia, Harriet, George, Isla, Mohammed, Priya, Niamh, Charlotte, Alfie, Imogen, "
            "Rhys, Eleanor, Callum"
        ),
        _words(
            "Smith, Patel, O'Connor, Taylor, Hughes, MacLeod, Khan, Wright, Ashworth, Okafor, Davies, Singh, Penhaligon"
        ),
        _words("High Street, Station Road, Mill Lane, Church Walk, Queens Crescent"),
        _towns("London N1, Bristol BS1, Leeds LS6, Edinburgh EH3, Cardiff CF10, Norwich NR2"),
    ),
    Place(
        "AT",
        "DE",
        6,
        _words("Leopold, Resi, Maximilian, Theresa, Ferdinand"),
        _words("Huber, Gruber, Moser, Pichler, Höllerer"),
        _words("Mariahilfer Straße, Getreidegasse, Annenstraße"),
        _towns("Wien 1070, Salzburg 5020, Graz 8020"),
    ),
    Place(
        "FR",
        "FR",
        6,
        _words("Camille, Hélène, Louis, François, Chloé"),
        _words("Lefèvre, Dubois, Garçon, Moreau, d'Aubigné"),
        _words("rue des Lilas, avenue Foch, quai Voltaire"),
        _towns("Lyon 69003, Paris 75011, Nantes 44000"),
    ),
    Place(
        "PL",
        "PL",
        5,
        _words("Łukasz, Małgorzata, Świętosława, Jakub, Zofia"),
        _words("Wiśniewska, Żółć, Kowalski, Dąbrowski, Nowak"),
        _words("ulica Długa, ulica Kwiatowa, aleja Róż"),
        _towns("Gdańsk 80-831, Łódź 90-001, Kraków 31-042"),
    ),
    Place(
        "SE",
        "SV",
        4,
        _words("Åsa, Göran, Linnéa, Örjan"),
        _words("Åkesson, Lindqvist, Söderström"),
        _words("Storgatan, Björkvägen"),
        _towns("Malmö 21115, Göteborg 41103"),
    ),
    Place(
        "IT",
        "IT",
        4,
        _words("Giulia, Niccolò, Chiara, Matteo"),
        _words("Rossi, D'Angelo, Ferrari, Esposito"),
        _words("via Roma, via Garibaldi"),
        _towns("Torino 10121, Bologna 40121"),
    ),
    Place(
        "JP",
        "JA",
        3,
        _words("花子, 健太, 陽菜"),
        _words("佐藤, 鈴木, 髙橋"),
        _words("桜通り, 本町"),
        _towns("京都市 604-8005, 東京 105-0011"),
    ),
    Place(
        "AE",
        "AR",
        2,
        _words("ليلى, يوسف, مريم"),
        _words("حداد, المنصوري, خوري"),
        _words("شارع الوصل, شارع الزهراء"),
        _towns("دبي 00000, الشارقة 00000"),
    ),
)
