"""From what is sent to a durable revision; linked data is read first, so that nothing malformed is ever kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pyoxigraph import Triple

from vault.context import Context
from vault.errors import TooLarge, UnsupportedMediaType
from vault.model.identifiers import ResourceIdentifier
from vault.model.limits import VaultLimits
from vault.model.operation import Body
from vault.model.records import NewRevision
from vault.rdf.documents import parse
from vocab.media_types import OCTETS, RDF_TYPES, essence

_NAME = r"[A-Za-z0-9!#$&^_.+-]{1,127}"
_MEDIA_TYPE = re.compile(
    rf'{_NAME}/{_NAME}(?:[ \t]*;[ \t]*{_NAME}=(?:{_NAME}|"[A-Za-z0-9!#$&^_.+ :/,;=-]{{0,127}}"))*'
)
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^";\s]+)', re.IGNORECASE)
max_media_type_length = 255


def is_rdf(media_type: str) -> bool:
    """Whether a media type is one of the kinds of linked data that are read here."""
    return essence(media_type) in RDF_TYPES


def check_media_type(media_type: str) -> str:
    """Give the media type as it is kept: as sent, or unknown bytes when nothing was said.

    Raises:
        UnsupportedMediaType: it is malformed, or linked data in another encoding than UTF-8.
    """
    if not media_type:
        return OCTETS
    if len(media_type) > max_media_type_length or not _MEDIA_TYPE.fullmatch(media_type):
        raise UnsupportedMediaType("the media type is malformed")
    charset = _CHARSET.search(media_type)
    if is_rdf(media_type) and charset is not None and charset.group(1).lower() != "utf-8":
        raise UnsupportedMediaType("linked data is accepted in UTF-8 only", RDF_TYPES)
    return media_type


def read_rdf(body: Body, base: str, limits: VaultLimits) -> tuple[bytes, list[Triple]]:
    """Read linked data: its bytes as sent, and its triples.

    Raises:
        UnsupportedMediaType: no kind of linked data that is read here.
        MalformedContent: not what the media type says.
        UnacceptableContent: a JSON-LD context that is not bundled.
        TooLarge: over `max_rdf_bytes` or `max_triples`, or nested too deeply.
    """
    media_type = check_media_type(body.media_type)
    if not is_rdf(media_type):
        raise UnsupportedMediaType("only linked data is accepted here", RDF_TYPES)
    data = b"".join(_limited(body.chunks, limits.max_rdf_bytes))
    return data, parse(data, essence(media_type), base, limits.max_triples)


def _limited(chunks: Iterable[bytes], most: int) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise TooLarge(
                f"linked data may be at most {most} bytes: divide it over several documents, or send it as a file"
            )
        yield chunk


def keep(
    context: Context, identifier: ResourceIdentifier, key: str, body: Body, agent: str | None
) -> NewRevision:
    """Keep bytes as a revision of the resource with this key; durable on return, visible to nobody yet."""
    revision = context.new_id()
    stored = context.documents.write(identifier.storage, key, revision, body.chunks)
    return NewRevision(
        revision, body.media_type, stored, agent, context.clock().wall_ms, _limits(context, agent)
    )


def keep_nothing(context: Context, media_type: str, agent: str | None) -> NewRevision:
    """Make a revision without bytes, for a container without triples of its own."""
    return NewRevision(
        context.new_id(), media_type, None, agent, context.clock().wall_ms, _limits(context, agent)
    )


def _limits(context: Context, agent: str | None) -> VaultLimits | None:
    # For what the vault makes of its own accord there always is room.
    return None if agent is None else context.limits
