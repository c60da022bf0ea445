"""What the company sells, and its price books."""

from dataclasses import dataclass
from functools import cache

from localorg.company.money import CURRENCIES, Currency, listed


@dataclass(frozen=True)
class Product:
    """A product, numbered from 1."""

    number: int
    code: str
    name: str
    family: str
    line: int
    dollars: int
    unit: str
    description: str


#: product lines, as opportunities are named after them
PRODUCT_LINES = (
    "Motion Control",
    "Machine Vision",
    "Edge Platform",
    "Robotics",
    "Functional Safety",
    "Plant Analytics",
    "Service Plan",
    "Sensors",
)

_PRODUCTS = """
MC-100 | TarnDrive 100 Servo Drive | Hardware | 0 | 1480 | Each
MC-200 | TarnDrive 200 Servo Drive | Hardware | 0 | 2360 | Each
MC-400 | TarnDrive 400 Multi-Axis Drive | Hardware | 0 | 6900 | Each
MC-M11 | TarnMotion Servo Motor 1.1 kW | Hardware | 0 | 880 | Each
MC-C90 | TarnMotion Cable Set 9 m | Hardware | 0 | 120 | Set
MV-010 | ClearSight Smart Camera | Hardware | 1 | 3200 | Each
MV-020 | ClearSight Line-Scan Camera | Hardware | 1 | 7400 | Each
MV-L01 | ClearSight LED Lighting Kit | Hardware | 1 | 460 | Set
MV-SW1 | ClearSight Inspect, per station | Platform | 1 | 2900 | Licence
MV-SW2 | ClearSight Deep Inspect, per station | Platform | 1 | 5400 | Licence
EP-300 | TarnEdge 300 Controller | Hardware | 2 | 2100 | Each
EP-500 | TarnEdge 500 Controller | Hardware | 2 | 4250 | Each
EP-RUN | TarnEdge Runtime | Platform | 2 | 900 | Licence
EP-STU | TarnEdge Studio, per engineer | Platform | 2 | 1900 | Licence
EP-GWY | TarnEdge Cloud Gateway | Platform | 2 | 1240 | Licence
RB-006 | Orvane R6 Robot Arm, 6 kg | Hardware | 3 | 24800 | Each
RB-012 | Orvane R12 Robot Arm, 12 kg | Hardware | 3 | 38600 | Each
RB-C10 | Orvane C10 Collaborative Robot | Hardware | 3 | 29900 | Each
RB-GRP | Orvane Gripper Set | Hardware | 3 | 2200 | Set
RB-SIM | Orvane Cell Simulator | Platform | 3 | 3400 | Licence
FS-010 | SafeLoop Relay | Hardware | 4 | 180 | Each
FS-100 | SafeLoop Safety Controller | Hardware | 4 | 1360 | Each
FS-SCN | SafeLoop Laser Scanner | Hardware | 4 | 3980 | Each
FS-LCT | SafeLoop Light Curtain 900 mm | Hardware | 4 | 740 | Each
PA-BAS | PlantView Basic, per line and year | Analytics | 5 | 4800 | Licence
PA-PRO | PlantView Professional, per line and year | Analytics | 5 | 9600 | Licence
PA-PRD | PlantView Predict, per line and year | Analytics | 5 | 14400 | Licence
PA-ENG | PlantView Energy Monitor | Analytics | 5 | 3200 | Licence
SP-BRZ | Service Plan Bronze, per year | Support | 6 | 2400 | Year
SP-SLV | Service Plan Silver, per year | Support | 6 | 6000 | Year
SP-GLD | Service Plan Gold, per year | Support | 6 | 14000 | Year
SV-COM | Commissioning, per day | Services | 6 | 1480 | Day
SV-ENG | Application Engineering, per day | Services | 6 | 1640 | Day
TR-OPR | Operator Training, two days | Training | 6 | 2200 | Course
TR-ENG | Engineer Training, four days | Training | 6 | 4600 | Course
SE-IND | Inductive Sensor M12, pack of 10 | Hardware | 7 | 420 | Pack
SE-PHO | Photoelectric Sensor, pack of 5 | Hardware | 7 | 560 | Pack
SE-VIB | Vibration Sensor with IO-Link | Hardware | 7 | 380 | Each
SE-FLW | Flow Meter DN25 | Hardware | 7 | 1180 | Each
SE-HUB | IO-Link Hub, 8 ports | Hardware | 7 | 260 | Each
"""


def _products() -> tuple[Product, ...]:
    found = []
    for number, line in enumerate(_PRODUCTS.strip().splitlines(), start=1):
        code, name, family, group, dollars, unit = (part.strip() for part in line.split("|"))
        text = f"{name} of the {PRODUCT_LINES[int(group)]} line."
        found.append(Product(number, code, name, family, int(group), int(dollars), unit, text))
    return tuple(found)


PRODUCTS = _products()
BY_LINE = tuple(tuple(item for item in PRODUCTS if item.line == line) for line in range(len(PRODUCT_LINES)))

STANDARD_BOOK, PARTNER_BOOK = 1, 2
_BOOK_FACTORS = {STANDARD_BOOK: 1.0, PARTNER_BOOK: 0.88}


@dataclass(frozen=True)
class Price:
    """A price book entry, numbered from 1."""

    number: int
    book: int
    product: Product
    currency: Currency
    cents: int


@cache
def prices() -> tuple[Price, ...]:
    """All price book entries, those of the standard price book first."""
    found: list[Price] = []
    for book, factor in _BOOK_FACTORS.items():
        for product in PRODUCTS:
            for currency in CURRENCIES:
                cents = listed(product.dollars * factor, currency)
                found.append(Price(len(found) + 1, book, product, currency, cents))
    return tuple(found)


@cache
def _by_key() -> dict[tuple[int, int, str], Price]:
    return {(price.book, price.product.number, price.currency.code): price for price in prices()}


def price(book: int, product: Product, currency: Currency) -> Price:
    """The entry of a product in a price book and currency."""
    return _by_key()[book, product.number, currency.code]
