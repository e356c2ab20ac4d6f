"""Reading N3 Patches: each constraint of the protocol, and where a fault is."""

from __future__ import annotations

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Variable

from vault.errors import MalformedContent, Position, TooLarge, UnacceptableContent
from vault.rdf.n3_patch import parse_n3_patch
from vault.rdf.patterns import Change, GraphPatch

BASE = "https://vault.example/a"
PREFIXES = "@prefix solid: <http://www.w3.org/ns/solid/terms#> . @prefix ex: <https://ex.example/#> . "


def read(text: str) -> GraphPatch:
    return parse_n3_patch((PREFIXES + text).encode(), BASE)


def ex(name: str) -> NamedNode:
    return NamedNode(f"https://ex.example/#{name}")


def test_the_example_of_the_protocol_is_read() -> None:
    asked = read(
        """_:rename a solid:InsertDeletePatch;
  solid:where   { ?person ex:familyName "Garcia". };
  solid:inserts { ?person ex:givenName "Alex". };
  solid:deletes { ?person ex:givenName "Claudia". }."""
    )
    person = Variable("person")
    change = Change(
        where=((person, ex("familyName"), Literal("Garcia")),),
        deletes=((person, ex("givenName"), Literal("Claudia")),),
        inserts=((person, ex("givenName"), Literal("Alex")),),
    )
    assert asked == GraphPatch((change,), is_exact=True)
    assert (asked.has_conditions, asked.removes) == (True, True)


def test_what_is_absent_and_what_is_empty_are_the_same() -> None:
    empty = GraphPatch((Change(),), is_exact=True)
    assert read("<#p> a solid:InsertDeletePatch .") == empty
    assert read("<#p> a solid:InsertDeletePatch, solid:Patch ; solid:where {} ; solid:deletes { } .") == empty
    assert (empty.has_conditions, empty.removes) == (False, False)


def test_relative_iris_are_those_of_the_document() -> None:
    (change,) = read("_:p a solid:InsertDeletePatch ; solid:inserts { <> ex:a <#b> } .").changes
    assert change.inserts == ((NamedNode(BASE), ex("a"), NamedNode(f"{BASE}#b")),)


@pytest.mark.parametrize(
    "literal", ['"{ ?x"', "'''{ \" ?x'''", '"""# ?x "" }"""', '"\\"?x {"', "'}'", '"?x"@nl', '"?x"^^ex:t']
)
def test_what_stands_in_a_text_is_no_syntax(literal: str) -> None:
    (change,) = read(f"_:p a solid:InsertDeletePatch ; solid:inserts {{ <> ex:a {literal} }} .").changes
    ((_, _, value),) = change.inserts
    assert isinstance(value, Literal)
    assert "?x" in value.value or "}" in value.value


def test_what_stands_in_a_comment_or_an_iri_is_no_syntax() -> None:
    text = (
        "_:p a solid:InsertDeletePatch ; # { ?x }\n solid:inserts { <?x#{> ex:a <https://ex.example/?x> } ."
    )
    with pytest.raises(MalformedContent):
        read(text)
    (change,) = read(text.replace("<?x#{>", "<?x#y>")).changes
    assert change.inserts == ((NamedNode(f"{BASE}?x#y"), ex("a"), NamedNode("https://ex.example/?x")),)


def test_an_iri_that_looks_like_our_own_for_variables_stays_one() -> None:
    (change,) = read(
        "_:p a solid:InsertDeletePatch ; solid:where { ?x ex:a <urn:variable:x> } ; solid:inserts { ?x ex:b 1 } ."
    ).changes
    assert change.where == ((Variable("x"), ex("a"), NamedNode("urn:variable:x")),)


def test_blank_nodes_stand_in_conditions() -> None:
    (change,) = read("_:p a solid:InsertDeletePatch ; solid:where { ?x ex:a [ ex:b _:c ] } .").changes
    assert sum(isinstance(node, BlankNode) for pattern in change.where for node in pattern) == 3


@pytest.mark.requirement("protocol", "server-patch-n3-patches")
@pytest.mark.parametrize("text", ["", "<#p> a ex:Other ; ex:inserts { <> ex:a 1 } ."])
def test_a_document_without_a_patch_is_none(text: str) -> None:
    with pytest.raises(UnacceptableContent, match="exactly one"):
        read(text)


@pytest.mark.requirement("protocol", "server-patch-n3-single")
@pytest.mark.parametrize(
    "other", ["<#q> a solid:Patch", "<#q> solid:where {}", "[] a solid:InsertDeletePatch"]
)
def test_two_patch_resources_are_too_many(other: str) -> None:
    with pytest.raises(UnacceptableContent, match="exactly one"):
        read(f"<#p> a solid:InsertDeletePatch . {other} .")


@pytest.mark.requirement("protocol", "server-patch-n3-patch-identifier")
@pytest.mark.parametrize("subject", ["?p", "{ <> ex:a 1 }"])
def test_a_patch_resource_is_an_iri_or_a_blank_node(subject: str) -> None:
    with pytest.raises(UnacceptableContent, match="blank node"):
        read(f"{subject} a solid:InsertDeletePatch .")
    assert read("[] a solid:InsertDeletePatch .") == read("<#p> a solid:InsertDeletePatch .")


@pytest.mark.requirement("protocol", "server-patch-n3-simple-type")
@pytest.mark.requirement("protocol", "server-patch-n3-type")
@pytest.mark.parametrize(
    "text", ["<#p> a solid:Patch .", "<#p> a 'solid:InsertDeletePatch', ?x ; solid:where {} ."]
)
def test_the_type_must_be_there(text: str) -> None:
    with pytest.raises(UnacceptableContent, match="InsertDeletePatch"):
        read(text)


@pytest.mark.requirement("protocol", "server-patch-n3-deletes")
@pytest.mark.requirement("protocol", "server-patch-n3-inserts")
@pytest.mark.requirement("protocol", "server-patch-n3-where")
@pytest.mark.parametrize("name", ["deletes", "inserts", "where"])
def test_each_formula_stands_once_at_most(name: str) -> None:
    with pytest.raises(UnacceptableContent, match=f"at most one solid:{name}"):
        read(f"<#p> a solid:InsertDeletePatch ; solid:{name} {{ <> ex:a 1 }}, {{ <> ex:a 2 }} .")


@pytest.mark.requirement("protocol", "server-patch-n3-formulae")
@pytest.mark.parametrize(
    "value",
    [
        "<#formula>",
        "_:b . _:b ex:a 1",
        "'tekst'",
        "?x",
        "{ { <> ex:a 1 } ex:b 2 }",
        "{ <> ex:b { <> ex:a 1 } }",
        "{ <> ex:b ( { } ) }",
        "{ <> ex:a 'x'^^?t }",
        "{ 'text' ex:a 1 }",
        "{ <> 'text' 1 }",
    ],
)
@pytest.mark.parametrize("name", ["deletes", "inserts", "where"])
def test_a_formula_holds_triples_between_braces_and_no_other_formula(name: str, value: str) -> None:
    with pytest.raises(UnacceptableContent):
        read(f"<#p> a solid:InsertDeletePatch ; solid:{name} {value} .")


@pytest.mark.requirement("protocol", "server-patch-n3-variables")
@pytest.mark.parametrize("name", ["deletes", "inserts"])
def test_a_variable_must_occur_in_the_conditions(name: str) -> None:
    with pytest.raises(UnacceptableContent, match=r"\?y"):
        read(
            f"<#p> a solid:InsertDeletePatch ; solid:where {{ ?x ex:a 1 }} ; solid:{name} {{ ?x ex:b ?y }} ."
        )


@pytest.mark.requirement("protocol", "server-patch-n3-blank-nodes")
@pytest.mark.parametrize("pattern", ["_:b ex:a 1", "<> ex:a _:b", "<> ex:a [ ex:b 1 ]", "<> ex:a ( 1 )"])
@pytest.mark.parametrize("name", ["deletes", "inserts"])
def test_blank_nodes_cannot_be_added_or_removed(name: str, pattern: str) -> None:
    with pytest.raises(UnacceptableContent, match="blank nodes"):
        read(
            f"<#p> a solid:InsertDeletePatch ; solid:where {{ _:b ex:a 1 }} ; solid:{name} {{ {pattern} }} ."
        )


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("\n<#p> a solid:InsertDeletePatch ;; x", Position(2, 35)),
        ("\n\n  <#p> solid:where { ?x\n ?y . }", Position(4, 5)),
        ("\n ?xyz solid:where { ?x ?y ?z } . , <#p>", Position(2, 34)),
        ("<#p> solid:where {", Position(1, len(PREFIXES) + 19)),
        ("\n<#p> a onbekend:Patch .", Position(2, 8)),
    ],
)
def test_a_fault_is_told_where_the_sender_wrote_it(text: str, position: Position) -> None:
    with pytest.raises(MalformedContent) as raised:
        read(text)
    assert raised.value.position == position


def test_bytes_that_are_no_text_are_malformed() -> None:
    with pytest.raises(MalformedContent):
        parse_n3_patch(b"<#p> a <\xff>", BASE)


def test_deep_triple_terms_are_refused_unread() -> None:
    with pytest.raises(TooLarge):
        read("<<" * 2000)


def test_a_hundred_thousand_braces_end_nothing_but_the_request() -> None:
    with pytest.raises((MalformedContent, UnacceptableContent)):
        read("<#p> a solid:InsertDeletePatch ; solid:where " + "{" * 100_000)
