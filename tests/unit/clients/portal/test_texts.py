"""The texts of the portal: short sentences, words that people know, each used and each there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from clients.look.texts import load_catalogue
from clients.look.wire import TEXTS
from clients.portal.app import HERE

LOOK = TEXTS.parent
OWN = load_catalogue((TEXTS, HERE / "texts_nl.toml")).texts
FORBIDDEN = (
    r"toestemming|akkoord|machtig|intrekk|\bpod\b|account|omgeving|portaal|resource|document|container|autorisatie"
    r"|doelbinding|grondslag|verwerking|t/m|vervalt|expir|rechten|unauthorized|denied|geverifieerd|gevalideerd"
    r"|professional|actor|agent|cliënt|\bklant|burger|leefgebied|domein|\bscore|zienswijze|correctieverzoek"
    r"|authenticatie|client|export|\berror|oeps|!"
)


def sentences() -> list[tuple[str, str]]:
    return [
        (name, sentence)
        for name, text in OWN.items()
        for sentence in re.split(r"(?<=[.?!:])\s+", text)
        if sentence
    ]


def test_no_sentence_has_more_than_sixteen_words() -> None:
    assert [(name, s) for name, s in sentences() if len(s.split()) > 16] == []


def test_no_text_uses_a_word_of_the_office() -> None:
    assert [(name, s) for name, s in sentences() if re.search(FORBIDDEN, s, re.IGNORECASE)] == []


def sources() -> str:
    files = [*HERE.rglob("*.html"), *HERE.glob("*.py"), *LOOK.rglob("*.html"), *LOOK.glob("*.py")]
    return "\n".join(Path(file).read_text("utf-8") for file in files)


def test_every_text_that_is_named_exists() -> None:
    named = set(re.findall(r"""\b(?:t|text)\(f?['"]([a-z_]+\.[\w.-]+)['"]""", sources()))
    counted = set(re.findall(r"""\b(?:tn|count_text)\(['"]([a-z_]+\.[\w.-]+)['"]""", sources()))
    assert {name for name in named if name not in OWN and not name.endswith(".")} == set()
    assert {name for name in counted if f"{name}.een" not in OWN or f"{name}.meer" not in OWN} == set()


def test_every_text_is_used() -> None:
    written = sources()
    prefixes = tuple(re.findall(r"""['"]([a-z_]+\.(?:[a-z_]+\.)?)['"{]""", written))
    unused = [
        name
        for name in OWN
        if name.removesuffix(".een").removesuffix(".meer") not in written and not name.startswith(prefixes)
    ]
    assert unused == []


@pytest.mark.parametrize("name", ["kort_mag", "mag", "verzoek.vraagt", "gegeven"])
def test_every_way_to_give_has_its_words(name: str) -> None:
    for kind in ("read", "create", "append", "create_blind", "append_blind", "modify", "delete"):
        assert f"{name}.{kind}" in OWN
