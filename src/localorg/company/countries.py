"""The 17 countries of the demo company's customers."""

from decimal import Decimal

from localorg.company.money import CHF, EUR, GBP, JPY, USD
from localorg.company.places import City, Country
from localorg.company.words import CHINESE, ENGLISH, FRENCH, GERMAN, JAPANESE, SPANISH


def _cities(text: str) -> tuple[City, ...]:
    found = []
    for line in text.strip().splitlines():
        name, latin, state, postal, area, latitude, longitude = (part.strip() for part in line.split("|"))
        found.append(City(name, latin, state or None, postal, area, Decimal(latitude), Decimal(longitude)))
    return tuple(found)


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|"))


_ENGLISH_STREETS = _split(
    """Mill Road|Foundry Lane|Station Road|Industrial Way|Harbour Street|King's Court|Orchard Close|Canal Walk
    |Innovation Drive|Market Street|Brickyard Lane|North Parade|Quarry Hill|Victoria Road"""
)
_GERMAN_STREETS = _split(
    """Industriestraße|Am Güterbahnhof|Gewerbepark|Mühlenweg|Schützenstraße|Hauptstr.|Kirchgasse|Im Grüntal
    |Werner-Kraft-Straße|An der Ziegelei|Lindenallee|Fabrikweg|Bahnhofplatz|Zum Hafen"""
)
_FRENCH_STREETS = _split(
    """rue de l'Industrie|avenue de la Gare|chemin des Forges|zone artisanale des Prés|rue du Moulin
    |boulevard de l'Océan|allée des Chênes|quai de la Fonderie|rue Saint-Éloi|impasse du Château|rue Neuve"""
)
_SPANISH_STREETS = _split(
    """Calle de la Fábrica|Avenida de la Constitución|Polígono Industrial El Olivar|Calle Mayor|Camino Viejo
    |Paseo de los Álamos|Calle Río Ebro|Avenida Peñalara|Plaza de España|Calle San Martín"""
)
_CHINESE_STREETS = _split("人民路|工业大道|科技园路|建设路|创新街|解放北路|高新三路|滨江路|和平街|迎宾大道")
_JAPANESE_STREETS = _split("本町|中央|港町|栄|緑ヶ丘|工業団地|南町|東|桜台|新町")

US = Country(
    code="US",
    name="United States",
    aliases=("USA", "U.S.A.", "United States of America", "US"),
    region="AMER",
    team="US East",
    currency=USD,
    languages=(ENGLISH,) * 8 + (SPANISH,),
    forms=("Inc", "Inc.", "Corp.", "LLC", "Inc"),
    dialling="1",
    trunk="",
    mobile="917",
    postal="##",
    street="{number} {street}",
    streets=_split(
        """Main St|Industrial Pkwy|Commerce Dr|Oak Avenue|Riverside Blvd|Lakeview Rd|Foundry St|Innovation Way
        |Elm Street, Suite 200|Airport Rd|County Road 12|Depot Street|Enterprise Ct|W 5th St"""
    ),
    cities=_cities(
        """Boston | boston | MA | 021 | 617 | 42.360082 | -71.058880
        Cleveland | cleveland | OH | 441 | 216 | 41.499320 | -81.694361
        Pittsburgh | pittsburgh | PA | 152 | 412 | 40.440625 | -79.995886
        Charlotte | charlotte | NC | 282 | 704 | 35.227087 | -80.843127
        Atlanta | atlanta | GA | 303 | 404 | 33.748995 | -84.387982
        Chicago | chicago | IL | 606 | 312 | 41.878114 | -87.629798
        Milwaukee | milwaukee | WI | 532 | 414 | 43.038902 | -87.906474
        St. Louis | stlouis | MO | 631 | 314 | 38.627003 | -90.199404
        Houston | houston | TX | 770 | 713 | 29.760427 | -95.369803
        Denver | denver | CO | 802 | 303 | 39.739236 | -104.990251
        Phoenix | phoenix | AZ | 850 | 602 | 33.448377 | -112.074037
        San José | sanjose | CA | 951 | 408 | 37.338208 | -121.886329
        Portland | portland | OR | 972 | 503 | 45.515232 | -122.678385
        Seattle | seattle | WA | 981 | 206 | 47.606209 | -122.332069"""
    ),
    tax="##-#######",
)
CANADA = Country(
    code="CA",
    name="Canada",
    aliases=("CA", "CANADA"),
    region="AMER",
    team="Canada",
    currency=USD,
    languages=(ENGLISH, ENGLISH, FRENCH),
    forms=("Inc.", "Ltd", "Corp."),
    dialling="1",
    trunk="",
    mobile="437",
    postal="@ #@#",
    street="{number} {street}",
    streets=_ENGLISH_STREETS,
    cities=_cities(
        """Toronto | toronto | ON | M5 | 416 | 43.653226 | -79.383184
        Montréal | montreal | QC | H2 | 514 | 45.501689 | -73.567256
        Québec | quebec | QC | G1 | 418 | 46.813878 | -71.207981
        Vancouver | vancouver | BC | V6 | 604 | 49.282729 | -123.120738
        Calgary | calgary | AB | T2 | 403 | 51.044733 | -114.071883"""
    ),
    tax="#########RT0001",
)
MEXICO = Country(
    code="MX",
    name="Mexico",
    aliases=("México", "MX"),
    region="AMER",
    team="Latin America",
    currency=USD,
    languages=(SPANISH,),
    forms=("S.A. de C.V.", "S. de R.L. de C.V."),
    dialling="52",
    trunk="",
    mobile="55",
    postal="###",
    street="{street} {number}",
    streets=_SPANISH_STREETS,
    cities=_cities(
        """Monterrey | monterrey | Nuevo León | 64 | 81 | 25.686614 | -100.316113
        Querétaro | queretaro | Querétaro | 76 | 442 | 20.588793 | -100.389888
        Ciudad de México | mexico | CDMX | 06 | 55 | 19.432608 | -99.133208
        Guadalajara | guadalajara | Jalisco | 44 | 33 | 20.659699 | -103.349609"""
    ),
    tax="@@@######@#@",
)
ARGENTINA = Country(
    code="AR",
    name="Argentina",
    aliases=("AR", "Rep. Argentina"),
    region="AMER",
    team="Latin America",
    currency=USD,
    languages=(SPANISH,),
    forms=("S.A.", "S.R.L."),
    dialling="54",
    trunk="0",
    mobile="9 11",
    postal="##@@@",
    street="{street} {number}",
    streets=_SPANISH_STREETS,
    cities=_cities(
        """Buenos Aires | buenosaires | | C10 | 11 | -34.603722 | -58.381592
        Córdoba | cordoba | Córdoba | X50 | 351 | -31.420083 | -64.188776
        Rosario | rosario | Santa Fe | S20 | 341 | -32.944243 | -60.650539"""
    ),
    tax="30-########-#",
)
GERMANY = Country(
    code="DE",
    name="Germany",
    aliases=("Deutschland", "DE", "BRD"),
    region="EMEA",
    team="DACH",
    currency=EUR,
    languages=(GERMAN,),
    forms=("GmbH", "GmbH", "AG", "GmbH & Co. KG", "KG", "SE"),
    dialling="49",
    trunk="0",
    mobile="171",
    postal="##",
    street="{street} {number}",
    streets=_GERMAN_STREETS,
    cities=_cities(
        """München | muenchen | | 803 | 89 | 48.137154 | 11.576124
        Köln | koeln | | 506 | 221 | 50.937531 | 6.960279
        Stuttgart | stuttgart | | 701 | 711 | 48.775846 | 9.182932
        Nürnberg | nuernberg | | 904 | 911 | 49.452030 | 11.076750
        Düsseldorf | duesseldorf | | 402 | 211 | 51.227741 | 6.773456
        Dresden | dresden | | 010 | 351 | 51.050409 | 13.737262
        Hamburg | hamburg | | 200 | 40 | 53.551085 | 9.993682
        Gütersloh | guetersloh | | 333 | 5241 | 51.903237 | 8.385755
        Frankfurt am Main | frankfurt | | 603 | 69 | 50.110922 | 8.682127"""
    ),
    tax="DE#########",
)
AUSTRIA = Country(
    code="AT",
    name="Austria",
    aliases=("Österreich", "AT"),
    region="EMEA",
    team="DACH",
    currency=EUR,
    languages=(GERMAN,),
    forms=("GmbH", "Ges.m.b.H.", "AG"),
    dialling="43",
    trunk="0",
    mobile="664",
    postal="##",
    street="{street} {number}",
    streets=_GERMAN_STREETS,
    cities=_cities(
        """Wien | wien | | 10 | 1 | 48.208174 | 16.373819
        Linz | linz | | 40 | 732 | 48.306940 | 14.285830
        Graz | graz | | 80 | 316 | 47.070714 | 15.439504"""
    ),
    tax="ATU########",
)
SWITZERLAND = Country(
    code="CH",
    name="Switzerland",
    aliases=("Schweiz", "Suisse", "CH"),
    region="EMEA",
    team="DACH",
    currency=CHF,
    languages=(GERMAN, GERMAN, FRENCH),
    forms=("AG", "SA", "GmbH"),
    dialling="41",
    trunk="0",
    mobile="79",
    postal="##",
    street="{street} {number}",
    streets=(*_GERMAN_STREETS[:6], *_FRENCH_STREETS[:3]),
    cities=_cities(
        """Zürich | zuerich | ZH | 80 | 44 | 47.376887 | 8.541694
        Basel | basel | BS | 40 | 61 | 47.559599 | 7.588576
        Genève | geneve | GE | 12 | 22 | 46.204391 | 6.143158
        Winterthur | winterthur | ZH | 84 | 52 | 47.498820 | 8.723689"""
    ),
    tax="CHE-###.###.### MWST",
)
FRANCE = Country(
    code="FR",
    name="France",
    aliases=("FRANCE", "FR"),
    region="EMEA",
    team="France",
    currency=EUR,
    languages=(FRENCH,),
    forms=("SARL", "SA", "SAS", "SASU"),
    dialling="33",
    trunk="0",
    mobile="6 39",
    postal="##",
    street="{number} {street}",
    streets=_FRENCH_STREETS,
    cities=_cities(
        """Paris | paris | | 750 | 1 99 | 48.856613 | 2.352222
        Lyon | lyon | | 690 | 4 65 | 45.764043 | 4.835659
        Saint-Étienne | saintetienne | | 420 | 4 65 | 45.439695 | 4.387178
        Besançon | besancon | | 250 | 3 53 | 47.237829 | 6.024054
        Nantes | nantes | | 440 | 2 61 | 47.218371 | -1.553621
        Orléans | orleans | | 450 | 2 61 | 47.902964 | 1.909251
        Toulouse | toulouse | | 310 | 5 36 | 43.604652 | 1.444209"""
    ),
    tax="FR###########",
)
BELGIUM = Country(
    code="BE",
    name="Belgium",
    aliases=("Belgique", "BE"),
    region="EMEA",
    team="France",
    currency=EUR,
    languages=(FRENCH,),
    forms=("SA", "SRL"),
    dialling="32",
    trunk="0",
    mobile="470",
    postal="##",
    street="{street} {number}",
    streets=_FRENCH_STREETS,
    cities=_cities(
        """Liège | liege | | 40 | 4 | 50.632557 | 5.579666
        Bruxelles | bruxelles | | 10 | 2 | 50.850346 | 4.351721"""
    ),
    tax="BE0#########",
)
UNITED_KINGDOM = Country(
    code="GB",
    name="United Kingdom",
    aliases=("UK", "Great Britain", "England", "GB"),
    region="EMEA",
    team="UK & Ireland",
    currency=GBP,
    languages=(ENGLISH,),
    forms=("Ltd", "Ltd", "Limited", "PLC"),
    dialling="44",
    trunk="0",
    mobile="7700",
    postal="# #@@",
    street="{number} {street}",
    streets=_ENGLISH_STREETS,
    cities=_cities(
        """London | london | | EC | 20 7946 | 51.507351 | -0.127758
        Manchester | manchester | | M | 161 496 | 53.480759 | -2.242631
        Birmingham | birmingham | | B | 121 496 | 52.486243 | -1.890401
        Sheffield | sheffield | | S | 114 496 | 53.381129 | -1.470085
        Glasgow | glasgow | | G | 141 496 | 55.864237 | -4.251806
        Newcastle upon Tyne | newcastle | | NE | 191 498 | 54.978252 | -1.617780"""
    ),
    tax="GB#########",
)
IRELAND = Country(
    code="IE",
    name="Ireland",
    aliases=("Éire", "IE"),
    region="EMEA",
    team="UK & Ireland",
    currency=EUR,
    languages=(ENGLISH,),
    forms=("Ltd", "DAC"),
    dialling="353",
    trunk="0",
    mobile="85",
    postal=" @@##",
    street="{number} {street}",
    streets=_ENGLISH_STREETS,
    cities=_cities(
        """Dublin | dublin | | D02 | 1 | 53.349805 | -6.260310
        Cork | cork | | T12 | 21 | 51.896892 | -8.486316"""
    ),
    tax="IE#######@@",
)
SPAIN = Country(
    code="ES",
    name="Spain",
    aliases=("España", "ES"),
    region="EMEA",
    team="Iberia",
    currency=EUR,
    languages=(SPANISH,),
    forms=("S.L.", "S.A.", "S.L.U."),
    dialling="34",
    trunk="",
    mobile="600",
    postal="##",
    street="{street}, {number}",
    streets=_SPANISH_STREETS,
    cities=_cities(
        """Madrid | madrid | | 280 | 91 | 40.416775 | -3.703790
        Bilbao | bilbao | | 480 | 94 | 43.263013 | -2.934985
        Zaragoza | zaragoza | | 500 | 976 | 41.648823 | -0.889085
        València | valencia | | 460 | 96 | 39.469907 | -0.376288
        A Coruña | acoruna | | 150 | 981 | 43.362344 | -8.411540"""
    ),
    tax="ESB########",
)
CHINA = Country(
    code="CN",
    name="China",
    aliases=("中国", "PRC", "CN", "P.R. China"),
    region="APAC",
    team="China",
    currency=USD,
    languages=(CHINESE,),
    forms=("有限公司", "有限公司", "股份有限公司"),
    dialling="86",
    trunk="0",
    mobile="139",
    postal="###",
    street="{street}{number}号",
    streets=_CHINESE_STREETS,
    cities=_cities(
        """上海 | shanghai | | 200 | 21 | 31.230391 | 121.473701
        北京 | beijing | | 100 | 10 | 39.904202 | 116.407394
        深圳 | shenzhen | 广东 | 518 | 755 | 22.543097 | 114.057861
        苏州 | suzhou | 江苏 | 215 | 512 | 31.298974 | 120.585289
        青岛 | qingdao | 山东 | 266 | 532 | 36.067108 | 120.382609
        成都 | chengdu | 四川 | 610 | 28 | 30.572815 | 104.066803"""
    ),
    tax="91##############",
)
TAIWAN = Country(
    code="TW",
    name="Taiwan",
    aliases=("台灣", "TW"),
    region="APAC",
    team="China",
    currency=USD,
    languages=(CHINESE,),
    forms=("股份有限公司", "有限公司"),
    dialling="886",
    trunk="0",
    mobile="912",
    postal="##",
    street="{street}{number}號",
    streets=("中山路", "工業路", "民生東路", "科學園路", "建國北路"),
    cities=_cities(
        """台北市 | taipei | | 10 | 2 | 25.032969 | 121.565418
        新竹市 | hsinchu | | 30 | 3 | 24.813829 | 120.967480"""
    ),
    tax="########",
)
JAPAN = Country(
    code="JP",
    name="Japan",
    aliases=("日本", "JP", "JAPAN"),
    region="APAC",
    team="Japan",
    currency=JPY,
    languages=(JAPANESE,),
    forms=("株式会社", "株式会社", "有限会社"),
    dialling="81",
    trunk="0",
    mobile="90",
    postal="-####",
    street="{street}{number}-2-1",
    streets=_JAPANESE_STREETS,
    cities=_cities(
        """横浜市 | yokohama | 神奈川県 | 220 | 45 | 35.443708 | 139.638026
        大阪市 | osaka | 大阪府 | 530 | 6 | 34.693738 | 135.502165
        名古屋市 | nagoya | 愛知県 | 460 | 52 | 35.181446 | 136.906398
        千代田区 | chiyoda | 東京都 | 100 | 3 | 35.694003 | 139.753595
        浜松市 | hamamatsu | 静岡県 | 430 | 53 | 34.710834 | 137.726126
        北九州市 | kitakyushu | 福岡県 | 800 | 93 | 33.883498 | 130.875177"""
    ),
    tax="T#############",
)
AUSTRALIA = Country(
    code="AU",
    name="Australia",
    aliases=("AU", "AUS"),
    region="APAC",
    team="ANZ & South-East Asia",
    currency=USD,
    languages=(ENGLISH,),
    forms=("Pty Ltd", "Pty Ltd", "Ltd"),
    dialling="61",
    trunk="0",
    mobile="491",
    postal="##",
    street="{number} {street}",
    streets=_ENGLISH_STREETS,
    cities=_cities(
        """Sydney | sydney | NSW | 20 | 2 | -33.868820 | 151.209290
        Melbourne | melbourne | VIC | 30 | 3 | -37.813628 | 144.963058
        Perth | perth | WA | 60 | 8 | -31.950527 | 115.860457"""
    ),
    tax="###########",
)
SINGAPORE = Country(
    code="SG",
    name="Singapore",
    aliases=("SG", "S'pore"),
    region="APAC",
    team="ANZ & South-East Asia",
    currency=USD,
    languages=(ENGLISH, CHINESE),
    forms=("Pte Ltd", "Pte. Ltd."),
    dialling="65",
    trunk="",
    mobile="8",
    postal="####",
    street="{number} {street}",
    streets=("Tuas Avenue", "Jurong Port Road", "Changi South Street", "Ubi Crescent"),
    cities=_cities("Singapore | singapore | | 62 | 6 | 1.352083 | 103.819836"),
    tax="2########@",
)

#: 40 places for 40 accounts, so that two blocks hold every country.
COUNTRIES = (
    *(US,) * 7,
    *(CANADA,) * 2,
    *(MEXICO,) * 2,
    ARGENTINA,
    *(GERMANY,) * 5,
    *(FRANCE,) * 4,
    *(UNITED_KINGDOM,) * 3,
    *(SPAIN,) * 2,
    *(SWITZERLAND,) * 2,
    AUSTRIA,
    IRELAND,
    BELGIUM,
    *(CHINA,) * 3,
    *(JAPAN,) * 3,
    AUSTRALIA,
    SINGAPORE,
    TAIWAN,
)
_SHARE = len(COUNTRIES)


def country_of(number: int, turn: int = 0) -> Country:
    """The country of the number-th account or lead; every 40 in a row see every country."""
    return COUNTRIES[(number * 13 + number // _SHARE * 11 + turn * 17) % _SHARE]
