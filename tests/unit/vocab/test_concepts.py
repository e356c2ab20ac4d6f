"""The domain's concepts as values."""

from __future__ import annotations

import pytest

from vocab.concepts import (
    circumstances,
    definition,
    document_kinds,
    fixed_containers,
    label,
    organisation_kinds,
    purposes,
    relocation_rules,
    satisfied_purposes,
)
from vocab.namespaces import GDPR, WK, WKT


def test_a_narrower_purpose_satisfies_the_broader_one_and_not_the_other_way_round() -> None:
    narrow, broad = WK["doel-samenwerken-plan"], WK["doel-ondersteuning-geven"]
    assert satisfied_purposes(narrow) == {narrow, broad}
    assert satisfied_purposes(broad) == {broad}


@pytest.mark.parametrize(
    "iri", ["", f"{WK.base}doel-onbekend", WK["st-plan"], "https://w3id.org/dpv", "https://w3id.org/dpv#a b"]
)
def test_what_is_no_purpose_satisfies_nothing(iri: str) -> None:
    assert satisfied_purposes(iri) == frozenset()


def test_a_purpose_of_the_data_privacy_vocabulary_counts_as_itself() -> None:
    iri = "https://w3id.org/dpv/sector/publicservices#SocialWelfareProvision"
    assert satisfied_purposes(iri) == {iri}


def test_twenty_containers_then_nine_topics_exist_in_every_vault() -> None:
    paths = [container.path for container in fixed_containers()]
    assert len(set(paths)) == 29
    assert [path.startswith("leefgebieden/") for path in paths[20:]] == [True] * 9
    assert all(path.endswith("/") for path in paths)


def test_what_cannot_be_asked_for_and_where_only_reading_can_be_given() -> None:
    containers = fixed_containers()
    closed = {container.path for container in containers if not container.requestable}
    assert closed == {"profiel/", "mijn/", "toegang/", "verzoeken/", "logboek/"}
    assert {container.path for container in containers if container.read_only} == {"mijn-kijk/"}


def test_every_kind_of_document_lies_in_a_fixed_container_and_has_labels() -> None:
    paths = {container.path for container in fixed_containers()}
    kinds = {kind.iri: kind for kind in document_kinds()}
    assert {kind.container_path for kind in kinds.values()} <= paths
    assert kinds[WK["st-plan"]].container_path == "plannen/"
    assert all(kind.label_nl and kind.label_en for kind in kinds.values())


def test_no_purpose_is_both_forbidden_and_grantable() -> None:
    known = purposes()
    assert [purpose for purpose in known if purpose.forbidden and purpose.grantable] == []
    assert any(purpose.forbidden for purpose in known)
    assert all(purpose.label_nl and purpose.definition_nl for purpose in known)


def test_a_legal_duty_is_proposed_only_where_no_other_basis_is_named() -> None:
    proposed = {purpose.iri: purpose.legal_bases for purpose in purposes()}
    assert GDPR["A6-1-c"] not in proposed[WK["doel-jeugdhulp"]]
    assert GDPR["A6-1-e"] in proposed[WK["doel-jeugdhulp"]]


def test_the_relocation_table_is_in_order_and_its_last_rule_always_fits() -> None:
    rules = relocation_rules()
    assert [rule.priority for rule in rules] == sorted(rule.priority for rule in rules)
    last = rules[-1]
    assert (last.purposes, last.kinds, last.circumstance) == ((), (), None)
    assert all(rule.sentence_nl and rule.sentence_en for rule in rules)


def test_an_overlap_is_counted_in_days() -> None:
    overlaps = {rule.overlap_days for rule in relocation_rules() if rule.suggestion == WKT.Overlaps}
    assert overlaps == {42}


def test_a_label_is_in_the_language_asked_for_and_absent_for_the_unknown() -> None:
    assert label(WK["map-plannen"]) == "Mijn plan"
    assert label(WK["map-plannen"], "en") == "My plan"
    assert label(WKT.OtherClient) == "een andere app"
    assert label(WK["map-plannen"], "fr") is None
    assert label(f"{WK.base}niets") is None
    assert definition(WK["doel-jeugdhulp"]) == "Hulp geven aan uw kind en aan u als ouder."


def test_kinds_of_organisations_and_circumstances_have_labels() -> None:
    assert WK["soort-wijkteam"] in {kind.iri for kind in organisation_kinds()}
    assert WK["om-zelfde-gemeente"] in {circumstance.iri for circumstance in circumstances()}
    assert all(one.label_nl and one.label_en for one in (*organisation_kinds(), *circumstances()))
