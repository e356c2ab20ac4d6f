"""What an answer says of the methods that work on a path."""

from __future__ import annotations

import pytest

from pod_server.http.responses import capabilities
from vault.model.identifiers import ResourceIdentifier, StorageId, random_id


@pytest.mark.requirement("protocol", "server-accept-headers")
@pytest.mark.requirement("protocol", "server-allow-methods")
@pytest.mark.parametrize(
    ("path", "accepts"),
    [
        ("plannen/", {b"accept-put", b"accept-patch", b"accept-post"}),
        ("plannen/a", {b"accept-put", b"accept-patch"}),
        (".well-known/iets", set()),
    ],
)
def test_what_may_be_sent_is_told_only_where_it_may_be_sent(path: str, accepts: set[bytes]) -> None:
    names = {name for name, _ in capabilities(ResourceIdentifier(StorageId(random_id()), path))}
    assert names == {b"allow", *accepts}
