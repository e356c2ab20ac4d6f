"""The texts are all there and short; the tables are those of the migrations."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from pod_server.identity import app, consent, records
from pod_server.identity.passwords import PasswordFault
from pod_server.identity.texts import Language, text_in, texts
from tests.support.identity import House
from vault.model.requester import SERVICES
from vault.stores.schema import metadata

FOLDER = Path(app.__file__).parent
DUTCH, ENGLISH = texts(Language.DUTCH), texts(Language.ENGLISH)


def test_every_text_that_a_template_names_is_there() -> None:
    templates = "".join(path.read_text() for path in (FOLDER / "templates").glob("*.html"))
    named = set(re.findall(r"(?<![a-z])t\('([a-z_.]+)'[,)]", templates))
    assert len(named) > 40
    assert named <= DUTCH.keys()


def test_every_text_that_is_named_by_a_value_is_there() -> None:
    named = {f"app.{service}" for service in SERVICES} | {f"nieuw.fout.{fault}" for fault in PasswordFault}
    named |= {f"app.{mode}{end}" for mode in consent.MODES for end in ("", "_hulp")}
    assert named <= DUTCH.keys()


def test_both_languages_have_the_same_texts_with_the_same_parts() -> None:
    def parts(words: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(words) if name is not None}

    assert DUTCH.keys() == ENGLISH.keys()
    assert {name for name in DUTCH if parts(DUTCH[name]) != parts(ENGLISH[name])} == set()


@pytest.mark.parametrize("language", list(Language))
def test_no_sentence_is_longer_than_sixteen_words(language: Language) -> None:
    all_of_them = texts(language).values()
    sentences = [sentence for words in all_of_them for sentence in re.split(r"(?<=[.?!])\s", words)]
    assert len(sentences) > 100
    assert [sentence for sentence in sentences if len(sentence.split()) > 16] == []


def test_a_text_without_one_of_its_parts_is_refused() -> None:
    with pytest.raises(KeyError):
        text_in(Language.DUTCH, "thuis.naam")


def test_the_migrations_make_exactly_the_tables(house: House) -> None:
    with create_engine(f"sqlite:///{house.folder / 'catalogue.db'}").connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_fonts_and_icons_come_with_their_licences() -> None:
    assert "SIL OPEN FONT LICENSE" in (FOLDER / "static/fonts/OFL.txt").read_text()
    assert "MIT License" in (FOLDER / "templates/ICONS-MIT.txt").read_text()


def test_a_statement_without_a_condition_is_not_possible(house: House) -> None:
    with house.parts.database.read() as connection, pytest.raises(AssertionError):
        records.drop_rows(connection, records.account)
