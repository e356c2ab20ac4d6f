"""The invented people of the demonstration and what they wrote; no such person, organisation or number exists."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "oefenen-met-de-kluis"  # noqa: S105 -- a login of the demonstration, printed on its start page


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be: a login at the citizens' or the organisations' server."""

    key: str
    name: str
    login: str
    story: str
    organisation: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Employer:
    """An organisation of the register, with its own account on the organisations' server."""

    key: str
    name: str
    kind: str
    number: str
    municipality: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A document to put into a vault: where, of which class and kind, kept under which rule."""

    path: str
    terms: tuple[str, str, str]
    title: str
    text: str
    created: str


SAMIRA = Person(
    "samira", "Samira El Idrissi", "samira", "Moeder van Noah. Verhuist van Nijmegen naar Zwolle."
)
KEVIN = Person("kevin", "Kevin Peters", "kevin", "Heeft schulden. Zijn kluis is nog leeg.")
MARIEKE = Person(
    "marieke",
    "Marieke Bos",
    "marieke",
    "Hulpverlener bij Stichting Samen Verder.",
    "samen-verder",
    "rol-aanbieder",
)
ROB = Person(
    "rob",
    "Rob Hendriks",
    "rob",
    "Regisseur van het wijkteam, gemeente Nijmegen.",
    "gemeente-nijmegen",
    "rol-wijkteam-regisseur",
)
FEMKE = Person(
    "femke",
    "Femke Visser",
    "femke",
    "Wijkteam Stadshagen, gemeente Zwolle.",
    "wijkteam-zwolle",
    "rol-wijkteam-lid",
)
CITIZENS = (SAMIRA, KEVIN)
WORKERS = (MARIEKE, ROB, FEMKE)
EMPLOYERS = (
    Employer("samen-verder", "Stichting Samen Verder", "soort-jeugdhulp", "00000011", "Nijmegen"),
    Employer(
        "gemeente-nijmegen", "Gemeente Nijmegen (demo)", "soort-gemeente", "00000000000000000021", "Nijmegen"
    ),
    Employer(
        "wijkteam-zwolle",
        "Wijkteam Stadshagen, gemeente Zwolle (demo)",
        "soort-wijkteam",
        "00000000000000000022",
        "Zwolle",
    ),
)
PAPERS = (
    Paper(
        "hulpvraag/{id}",
        ("Hulpvraag", "st-hulpvraag", "bw-wmo"),
        "Rust in huis en mijn geld op orde",
        "Ik ben Samira en ik woon met mijn zoon Noah in Nijmegen. Na schooltijd is het vaak druk in huis. "
        "Ook lukt het mij niet om mijn post bij te houden. Ik wil mijn verhaal liefst maar één keer vertellen.",
        "2026-09-02T10:15:00+02:00",
    ),
    Paper(
        "plannen/{id}/plan",
        ("Plan", "st-plan", "bw-wmo"),
        "Mijn plan: rust in huis",
        "Ik wil dat het na schooltijd rustig is in huis en dat Noah met plezier zijn huiswerk maakt. "
        "Wij kijken elke maand samen hoe het gaat. Wat ik zelf kan, doe ik zelf.",
        "2026-10-20T10:00:00+02:00",
    ),
    Paper(
        "mijn/{id}",
        ("EigenNotitie", "st-notitie-eigen", "bw-eigen"),
        "Lijstje voor Zwolle",
        "Een voetbalclub zoeken in Stadshagen. Zelf kiezen wat het team in Zwolle mag zien.",
        "2026-11-15T21:00:00+01:00",
    ),
)
