"""Closed vocabularies: a term that is not in them raises, so a misspelt one is found at once."""

from __future__ import annotations

import re
from pathlib import Path

_DOMAIN = Path(__file__).parent / "domain"


class Vocabulary:
    """The terms of one namespace: `ACL.Read` or `WK["st-plan"]` gives the IRI."""

    __slots__ = ("_terms", "base")

    def __init__(self, base: str, *terms: str) -> None:
        self.base = base
        self._terms = {term: base + term for text in terms for term in text.split()}

    def __getattr__(self, term: str) -> str:
        try:
            return self._terms[term]
        except KeyError:
            raise AttributeError(f"{self.base} has no term {term!r}") from None

    def __getitem__(self, term: str) -> str:
        return self._terms[term]

    def __contains__(self, iri: object) -> bool:
        return isinstance(iri, str) and iri.startswith(self.base) and iri[len(self.base) :] in self._terms

    def local_name(self, iri: str) -> str | None:
        """The term of an IRI, None when it is none of ours."""
        return iri[len(self.base) :] if iri in self else None


def _defined_in(*names: str, prefix: str) -> str:
    """Every term that a domain file describes (`wk:term a …`)."""
    pattern = re.compile(rf"^{prefix}:([A-Za-z0-9-]+)\s+a\s", re.MULTILINE)
    return " ".join(term for name in names for term in pattern.findall((_DOMAIN / name).read_text("utf-8")))


ACL = Vocabulary(
    "http://www.w3.org/ns/auth/acl#",
    "Authorization Read Write Append Control Access mode agent agentClass agentGroup origin accessTo default",
    "AuthenticatedAgent condition Condition ClientCondition IssuerCondition client clientGroup clientClass",
    "issuer issuerGroup issuerClass accessControl owner",
)
DCT = Vocabulary(
    "http://purl.org/dc/terms/", "title type modified created issued hasFormat description format"
)
DPV = Vocabulary("https://w3id.org/dpv#", "hasLegalBasis")
FOAF = Vocabulary("http://xmlns.com/foaf/0.1/", "Agent Person PersonalProfileDocument primaryTopic name")
GDPR = Vocabulary(
    "https://w3id.org/dpv/legal/eu/gdpr#",
    "A6-1-a A6-1-b A6-1-c A6-1-d A6-1-e A6-1-f A9-2-a A9-2-c A9-2-f A9-2-h",
)
LDP = Vocabulary(
    "http://www.w3.org/ns/ldp#",
    "Resource RDFSource NonRDFSource Container BasicContainer contains inbox member",
)
LWS = Vocabulary(
    "https://www.w3.org/ns/lws#",
    "AccessRequest AccessGrant AccessPolicy AccessRequestService AccessGrantService StorageDescription Storage",
    "Container DataResource StorageResource access storage value client create service serviceEndpoint inbox",
)
ODRL = Vocabulary(
    "http://www.w3.org/ns/odrl/2/",
    "action assignee target constraint leftOperand operator rightOperand read modify delete eq gteq lteq purpose",
    "dateTime",
)
ORG = Vocabulary("http://www.w3.org/ns/org#", "member organization role Membership Organization")
PIM_SPACE = Vocabulary("http://www.w3.org/ns/pim/space#", "Storage storage preferencesFile")
POSIX = Vocabulary("http://www.w3.org/ns/posix/stat#", "size mtime")
PROV = Vocabulary("http://www.w3.org/ns/prov#", "wasDerivedFrom wasAttributedTo generatedAtTime")
RDF = Vocabulary("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "type first rest nil langString")
SCHEMA = Vocabulary(
    "https://schema.org/",
    "text agent endTime startDate location sender recipient attendee description actionStatus Action name",
    "ActiveActionStatus CompletedActionStatus PotentialActionStatus FailedActionStatus",
)
SKOS = Vocabulary(
    "http://www.w3.org/2004/02/skos/core#",
    "Concept ConceptScheme prefLabel definition broader inScheme scopeNote",
)
SOLID = Vocabulary(
    "http://www.w3.org/ns/solid/terms#",
    "oidcIssuer storageDescription owner account Patch InsertDeletePatch where deletes inserts",
)
VCARD = Vocabulary("http://www.w3.org/2006/vcard/ns#", "Group hasMember fn role")
WK = Vocabulary("https://kluis.example/ns/wijk#", _defined_in("begrippen.ttl", prefix="wk"))
WKT = Vocabulary(
    "https://kluis.example/ns/toegang#",
    _defined_in("toegang.ttl", "verhuisregels.ttl", prefix="wkt"),
    _defined_in("shapes.ttl", prefix="wkt"),
)
XSD = Vocabulary(
    "http://www.w3.org/2001/XMLSchema#", "dateTime date string boolean integer decimal double duration time"
)
