"""`docs/explanation/a-request.md` in step with the code: every function it names is on the way of one read and one grant."""

from __future__ import annotations

import importlib
import json
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType, FunctionType

import pytest

from pod_server.authentication import authenticate as authentication
from pod_server.authentication.replay import ReplayStore
from pod_server.storages import grants
from tests.support.asgi import Home, authenticate, make_parts, who
from tests.support.grants import CLIENT, ISSUER, PURPOSE, WORKER
from tests.support.people import People, make_people
from tests.support.tokens import FakeWeb, Holder, Issuer

DOCUMENT = Path(__file__).parents[2] / "docs" / "explanation" / "a-request.md"
_NAMES = re.compile(r"`((?:vault|pod_server)\.[a-z_.]+)`")


def named_functions() -> dict[str, FunctionType]:
    """The functions that the document names, by their whole names."""
    names = sorted(set(_NAMES.findall(DOCUMENT.read_text(encoding="utf-8"))))
    assert len(names) > 25
    return {name: function_of(name) for name in names}


def function_of(name: str) -> FunctionType:
    """The function with this name. Raises AttributeError when there is none."""
    module, _, function = name.rpartition(".")
    found = getattr(importlib.import_module(module), function)
    assert isinstance(found, FunctionType), name
    return found


@contextmanager
def traced(called: set[CodeType]) -> Iterator[None]:
    """Note every Python function that is called, in every thread that starts meanwhile."""

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            called.add(frame.f_code)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def give(people: People, url: str) -> None:
    """The owner previews a draft and gives it, over HTTP."""
    draft = people.draft(url)
    digests = [entry["digest"] for entry in people.preview(draft)["visible"]]
    parts = make_parts(people.context, authenticate=authenticate, services={"toegang/": grants.handle})
    home = Home(people.context, people.storage.storage, parts)
    body = json.dumps(draft | {"previewed": digests}).encode()
    headers = {"Content-Type": "application/ld+json", **who(home.owner, issuer=people.context.issuer_url)}
    assert home.ask("POST", "toegang/", headers, body).status == 201


def read(people: People, path: str, folder: Path) -> tuple[int, int]:
    """The worker reads with a real token and proof, then what is not there; both statuses."""
    web, issuer, holder, now_s = FakeWeb(), Issuer(ISSUER), Holder(), people.clock().wall_s
    web.put_issuer(issuer)
    web.put_webid(WORKER, ISSUER)
    local = authentication.LocalIssuer(
        people.context.base_url, people.context.issuer_url, dict, lambda _: False
    )
    replay = ReplayStore(folder / "replay", now_s - 1000, buckets=8)
    parts = authentication.make_parts(local, replay, web.fetch)
    home = Home(
        people.context,
        people.storage.storage,
        make_parts(people.context, authenticate=lambda p, now: authentication.authenticate(parts, p, now)),
    )
    token = issuer.token(holder, WORKER, client_id=CLIENT, iat=now_s, exp=now_s + 300)

    def ask(at: str) -> int:
        proof = holder.proof("GET", home.url + at, token, iat=now_s)
        headers = {"Authorization": f"DPoP {token}", "DPoP": proof, "Purpose-Of-Use": PURPOSE}
        return home.ask("GET", at, headers).status

    statuses = ask(path), ask("brieven/niets")
    replay.close()
    return statuses


def test_every_function_that_the_document_names_is_called(tmp_path: Path) -> None:
    functions, called = named_functions(), set[CodeType]()
    people = make_people(tmp_path)
    people.meet()
    url = people.add("plannen/rust/plan")
    with traced(called):
        give(people, url)
        assert read(people, "plannen/rust/plan", tmp_path) == (200, 403)
    assert [name for name, function in functions.items() if function.__code__ not in called] == []


def test_a_name_that_is_no_function_would_be_seen() -> None:
    with pytest.raises(AttributeError):
        function_of("vault.service.does_not_exist")
    assert function_of("vault.access.decide.decide").__code__ not in {
        function_of("vault.service.perform").__code__
    }
