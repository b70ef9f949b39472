"""Sample files to try the desk with: the same bytes every time, with the little traps real lists have.

Accents, commas and quotes in names, line breaks in remarks, codes and postcodes that begin with zeros, phone numbers,
moments in several time zones, a semicolon file with decimal commas, and a workbook with real dates.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

START = dt.datetime(2025, 1, 6, 8, 0)  # the first registration


@dataclass(frozen=True)
class Sample:
    """One sample: the file as it would be uploaded. `write` puts it at a path."""

    key: str
    name: str
    about: str  # what it is, in one line
    file_name: str
    rows: int
    write: Callable[[Path], None]


@dataclass(frozen=True)
class Place:
    city: str
    country: str
    postcodes: tuple[int, int]
    digits: int
    phone: str
    offset: int  # hours from UTC in winter


PLACES = (
    Place("Jakarta", "Indonesia", (10110, 14540), 5, "+62 8{:02d}-{:04d}-{:04d}", 7),
    Place("Surabaya", "Indonesia", (60111, 60299), 5, "08{:02d}{:04d}{:04d}", 7),
    Place("Makassar", "Indonesia", (90111, 90245), 5, "+62 8{:02d}-{:04d}-{:04d}", 8),
    Place("Dresden", "Germany", (1067, 1328), 5, "+49 351 {:02d}{:04d}{:02d}", 1),
    Place("München", "Germany", (80331, 81929), 5, "089 {:02d}{:04d}{:02d}", 1),
    Place("Besançon", "France", (25000, 25030), 5, "+33 3 {:02d} {:04d}{:02d}", 1),
    Place("Málaga", "Spain", (29001, 29018), 5, "+34 6{:02d} {:04d}{:02d}", 1),
    Place("São Paulo", "Brazil", (1001, 8499), 5, "+55 11 9{:02d}{:04d}{:02d}", -3),
    Place("Kraków", "Poland", (30001, 31999), 5, "+48 12 {:02d}{:04d}{:01d}", 1),
    Place("Boston", "United States", (2108, 2199), 5, "(617) 5{:02d}-{:04d}", -5),
    Place("Tromsø", "Norway", (9006, 9299), 4, "+47 77 {:02d} {:04d}", 1),
    Place("Zürich", "Switzerland", (8001, 8064), 4, "044 {:02d}{:04d}{:02d}", 1),
)
FIRST = [
    "Ayu",
    "Budi",
    "Citra",
    "Dewi",
    "Eko",
    "Fitri",
    "Gita",
    "Hadi",
    "Indah",
    "Joko",
    "Kartika",
    "Lestari",
    "Made",
    "Nur",
    "Putri",
    "Rizky",
    "Sari",
    "Wayan",
    "Anaïs",
    "Björn",
    "Chloé",
    "Désirée",
    "Élodie",
    "François",
    "Günther",
    "Håkon",
    "Inês",
    "Jürgen",
    "Łukasz",
    "Mónica",
    "Noël",
    "Ólafur",
    "Renée",
    "Søren",
    "Zoë",
    "José",
    "Anna",
    "Emma",
    "Liam",
    "Noah",
    "Olivia",
    "Lucas",
    "Sofia",
    "Mateo",
    "Amélie",
    "Jonas",
    "Marie",
    "Paul",
]
LAST = [
    "Wijaya",
    "Santoso",
    "Hidayat",
    "Pratama",
    "Kusuma",
    "Lestari",
    "Nasution",
    "Siregar",
    "Müller",
    "Schäfer",
    "Groß",
    "Weiß",
    "Lefèvre",
    "Châtelain",
    "D'Arcy",
    "O'Neill",
    "Núñez",
    "Gonçalves",
    "Araújo",
    "Ødegård",
    "Łęcki",
    "Nowak",
    "Åberg",
    "Østby",
    "Smith",
    "Johnson",
    "Garcia",
    "García",
    "Silva",
    "Costa",
    "van-Dijk",
    "Keller",
]
ORGANISATIONS = (
    "Müller, Schmidt & Söhne GmbH",
    'Yayasan "Bina Bangsa"',
    "PT Maju Jaya, Tbk.",
    "École Supérieure d'Électricité",
    "O'Neill & Partners, LLC",
    "Fundação São José",
    "Universitas Gadjah Mada",
    "Café “Zur Post”",
    "Norsk Fjellforening",
    "",
    "",
)
TICKETS = (("Early bird", 49.0), ("Standard", 79.5), ("Student", 25.0), ("VIP", 249.0), ("Speaker", 0.0))
REMARKS = (
    "",
    "",
    "",
    "",
    "",
    "Vegetarian",
    "Needs a visa letter, please",
    'Asked for the "front row"',
    "Arrives late;\nwill call on the day",
    "Allergic to nuts & shellfish",
    "Paid twice → refund one",
)


def people(random: Random, count: int) -> Iterator[tuple[str, str, Place, dt.datetime]]:
    """First name, last name, place and moment of registration (UTC), in order of registration."""
    moment = START
    for _ in range(count):
        moment += dt.timedelta(seconds=random.randint(60, 9_000))
        yield random.choice(FIRST), random.choice(LAST), random.choice(PLACES), moment


def _phone(random: Random, place: Place) -> str:
    slots = place.phone.count("{:")
    return place.phone.format(*(random.randint(0, 99 if n != 1 else 9999) for n in range(slots)))


def _ascii(text: str) -> str:
    import unicodedata

    plain = text.replace("ß", "ss").replace("ø", "o").replace("Ø", "O").replace("ł", "l").replace("Ł", "L")
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return "".join(c for c in plain.lower() if c.isalnum())


PARTICIPANTS, PAYMENTS, AMBASSADORS = 3_200, 2_600, 2_000  # rows


def participants(path: Path) -> None:
    """A comma-separated UTF-8 file, as a registration form would export it."""
    random = Random(20250106)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            [
                "Code",
                "First name",
                "Last name",
                "Email",
                "Phone",
                "Organisation",
                "City",
                "Country",
                "Postcode",
                "Born",
                "Ticket",
                "Fee",
                "Registered at",
                "Checked in",
                "Remarks",
            ]
        )
        for n, (first, last, place, moment) in enumerate(people(random, PARTICIPANTS), 1):
            ticket, fee = random.choices(TICKETS, (30, 45, 15, 6, 4))[0]
            zone = dt.timezone(dt.timedelta(hours=place.offset))
            born = dt.date(1950, 1, 1) + dt.timedelta(days=random.randint(0, 20_000))
            out.writerow(
                [
                    f"{n:06d}",
                    first,
                    last,
                    f"{_ascii(first)}.{_ascii(last)}{n}@example.org",
                    _phone(random, place) if random.random() < 0.93 else "",
                    random.choice(ORGANISATIONS),
                    place.city,
                    place.country,
                    str(random.randint(*place.postcodes)).zfill(place.digits),
                    born.isoformat() if random.random() < 0.9 else "",
                    ticket,
                    f"{fee:.2f}",
                    moment.replace(tzinfo=dt.UTC).astimezone(zone).isoformat(),
                    random.choice(("true", "true", "false")),
                    random.choice(REMARKS),
                ]
            )


def payments(path: Path) -> None:
    """A workbook with real dates, numbers and yes/no cells, and references of 16 digits kept as text."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    random = Random(20250107)
    book = Workbook(write_only=True)
    book.properties.created = book.properties.modified = START
    sheet = book.create_sheet("Payments")
    sheet.append(
        [
            "Payment",
            "Participant",
            "Payer",
            "Method",
            "Amount",
            "Currency",
            "Bank fee",
            "Paid at",
            "Due",
            "Refunded",
            "Reference",
        ]
    )
    for n, (first, last, _place, moment) in enumerate(people(random, PAYMENTS), 1):
        ticket, fee = random.choices(TICKETS[:4], (30, 45, 15, 6))[0]
        del ticket
        paid = WriteOnlyCell(sheet, value=moment + dt.timedelta(minutes=random.randint(1, 4_000)))
        paid.number_format = "yyyy-mm-dd hh:mm:ss"
        due = WriteOnlyCell(sheet, value=moment.date() + dt.timedelta(days=14))
        due.number_format = "yyyy-mm-dd"
        amount = WriteOnlyCell(sheet, value=round(fee * random.choice((1, 1, 1, 2, 3)), 2))
        amount.number_format = "#,##0.00"
        sheet.append(
            [
                f"PAY-{n:05d}",
                f"{random.randint(1, PARTICIPANTS):06d}",
                f"{last}, {first}",
                random.choice(("Card", "Bank transfer", "Bank transfer", "QRIS", "PayPal", "Cash")),
                amount,
                random.choice(("EUR", "EUR", "EUR", "IDR", "USD")),
                round(random.uniform(0, 4), 2) if random.random() < 0.6 else None,
                paid,
                due,
                random.random() < 0.04,
                f"{random.randint(10**15, 10**16 - 1)}",
            ]
        )
    book.save(path)


def ambassadors(path: Path) -> None:
    """A semicolon file with decimal commas and day-first dates, as a European spreadsheet saves it; UTF-8 with a mark."""
    random = Random(20250108)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file, delimiter=";")
        out.writerow(
            [
                "Code",
                "Name",
                "City",
                "Phone",
                "Joined",
                "Commission %",
                "Sales",
                "Referrals",
                "Active",
                "Languages",
                "Note",
            ]
        )
        for n, (first, last, place, moment) in enumerate(people(random, AMBASSADORS), 1):
            sales = random.lognormvariate(6.5, 1.1)
            out.writerow(
                [
                    f"{n * 7:05d}",
                    f"{first} {last}",
                    place.city,
                    _phone(random, place),
                    (moment - dt.timedelta(days=random.randint(0, 700))).strftime("%d/%m/%Y"),
                    random.choice(("5,0", "7,5", "10,0", "12,5")),
                    f"{sales:.2f}".replace(".", ","),
                    random.randint(0, 60),
                    random.choice(("yes", "yes", "yes", "no")),
                    random.choice(
                        ("English", "Bahasa Indonesia, English", "Deutsch; English", "Français, Español", "Português")
                    ),
                    random.choice(("", "", "", "Top 10 in 2024", 'Nickname "Mas"', "Moved to Zürich")),
                ]
            )


SAMPLES = {
    s.key: s
    for s in (
        Sample(
            "participants",
            "Participants",
            "People who registered for an event, from a form",
            "participants.csv",
            PARTICIPANTS,
            participants,
        ),
        Sample("payments", "Payments", "Payments of tickets, from a workbook", "payments.xlsx", PAYMENTS, payments),
        Sample(
            "ambassadors",
            "Ambassadors",
            "People who sell for you, from a European spreadsheet",
            "ambassadors.csv",
            AMBASSADORS,
            ambassadors,
        ),
    )
}
