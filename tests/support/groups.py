"""Groups for tests: their documents, and ACLs that name them."""

from __future__ import annotations

from collections.abc import Iterable

PREFIXES = """@prefix acl: <http://www.w3.org/ns/auth/acl#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> . @prefix wkt: <https://kluis.example/ns/toegang#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def group_text(*members: str, name: str = "#team") -> str:
    """A document that describes one group."""
    said = "".join(f" ; vcard:hasMember <{member}>" for member in members)
    return f"{PREFIXES}<{name}> a vcard:Group{said} ."


def acl_text(subject: str, owner: str, *authorizations: str) -> str:
    """An ACL for the owner and whatever else; `{0}` in it stands for the subject."""
    places = "acl:accessTo <{0}>" + (" ; acl:default <{0}>" if subject.endswith("/") else "")
    own = f"<#owner> a acl:Authorization ; acl:agent <{owner}> ; {places} ; acl:mode acl:Read, acl:Write, acl:Control ."
    others = (
        f"<#other{number}> a acl:Authorization ; {places} ; {text} ."
        for number, text in enumerate(authorizations)
    )
    return "\n".join([PREFIXES, own, *others]).replace("{0}", subject)


def to_group(group: str, modes: Iterable[str] = ("Read",)) -> str:
    """What an Authorization for a group says besides its places."""
    return f"acl:agentGroup <{group}> ; acl:mode {', '.join(f'acl:{mode}' for mode in modes)}"
