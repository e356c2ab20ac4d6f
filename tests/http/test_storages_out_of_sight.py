"""A storage out of sight answers as one that never was; a paused one as one in which nothing is shared."""

from __future__ import annotations

import pytest

from tests.support.asgi import BOB, Home, who
from tests.support.vaults import ISSUER_URL
from vault.errors import NoSuchResource
from vault.keeping.erase import hide, show
from vault.model.identifiers import ResourceIdentifier
from vault.model.operation import Read
from vault.model.outcome import Found
from vault.model.requester import Caller, Credentials, Declared
from vault.service import perform

ABSENT = "abcdefghjkmnpqrs"
METHODS = ("GET", "HEAD", "OPTIONS", "PATCH", "DELETE", "POST", "PUT", "TRACE")
PATHS = ("", "brieven/", "brieven/open", "brieven/open.acl", "profiel/card", "brieven/nieuw")


def ask(home: Home, storage: str, method: str, path: str, asker: str) -> tuple[int, dict[str, str], str]:
    """Ask at a path of a storage; an answer without the storage's id."""
    signed = {"owner": who(home.owner, issuer=ISSUER_URL), "bob": who(BOB), "nobody": {}}[asker]
    body = b"<> a <#A> ." if method in {"PUT", "POST", "PATCH"} else None
    headers = signed | ({"Content-Type": "text/turtle"} if body is not None else {})
    answer = home.client.request(method, f"{home.context.base_url}{storage}/{path}", headers, body)
    status, found, text = answer.without_trace()
    plain = {name: value.replace(storage, "STORAGE") for name, value in found.items()}
    return status, plain, text.replace(storage, "STORAGE")


def furnish(home: Home) -> None:
    """A document that everybody may read and Bob may change."""
    home.put("brieven/open")
    home.let("brieven/open", "Read", agent="everyone")
    home.let("brieven/", "Read", "Append", "Write")


@pytest.mark.parametrize("asker", ["owner", "bob", "nobody"])
def test_a_storage_out_of_sight_answers_as_one_that_never_was(home: Home, asker: str) -> None:
    furnish(home)
    assert ask(home, str(home.storage), "GET", "brieven/open", asker)[0] == 200
    hide(home.context, home.storage)
    before = len(home.lines)
    for method in METHODS:
        for path in PATHS:
            there = ask(home, str(home.storage), method, path, asker)
            assert there == ask(home, ABSENT, method, path, asker), (method, path)
    assert len(home.lines) == before, "no line tells that anybody asked"
    show(home.context, home.storage)
    assert ask(home, str(home.storage), "GET", "brieven/open", asker)[0] == 200


def test_reading_stops_when_the_storage_goes_out_of_sight(home: Home) -> None:
    home.as_owner("PUT", "brieven/groot", {"Content-Type": "text/plain"}, bytes(3 * 1024 * 1024))
    credentials = Credentials(home.owner, "https://app.example/id", ISSUER_URL, None, True, True)
    operation = Read(ResourceIdentifier(home.storage, "brieven/groot"), lambda types: types[0])
    found = perform(home.context, operation, Caller(credentials, Declared(), "f" * 32))
    assert isinstance(found, Found)
    assert found.rest is not None
    next(found.rest)
    hide(home.context, home.storage)
    with pytest.raises(NoSuchResource):
        list(found.rest)


def test_a_paused_storage_is_its_owners_alone(home: Home) -> None:
    furnish(home)
    card = ResourceIdentifier(home.storage, "profiel/card")
    with home.context.catalogue.view() as view:
        record = view.find_resource(card)
    assert record is not None
    home.context.catalogue.write(lambda tx: tx.pause_storage(home.storage, record.key))
    assert [home.ask("GET", path).status for path in ("brieven/open", "profiel/card")] == [401, 200]
    assert [home.as_bob(method, "brieven/open").status for method in ("GET", "DELETE")] == [403, 403]
    assert home.as_bob("PUT", "brieven/nieuw", {"Content-Type": "text/turtle"}, b"<> a <#A> .").status == 403
    mine = home.as_owner("GET", "brieven/open")
    assert mine.status == 200
    assert 'public=""' in mine.headers["wac-allow"]
    home.context.catalogue.write(lambda tx: tx.resume_storage(home.storage))
    assert home.ask("GET", "brieven/open").status == 200
    assert home.as_bob("PUT", "brieven/nieuw", {"Content-Type": "text/turtle"}, b"<> a <#A> .").status == 201
