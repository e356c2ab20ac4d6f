"""Removing resources over HTTP."""

from __future__ import annotations

import pytest

from tests.support.asgi import Home

TURTLE = {"Content-Type": "text/turtle"}


@pytest.mark.requirement("protocol", "protocol-02")
@pytest.mark.requirement("protocol", "server-delete-remove-containment")
def test_what_is_deleted_is_gone_from_its_path_and_its_container(home: Home) -> None:
    home.put("brieven/a")
    assert home.as_owner("DELETE", "brieven/a").status == 204
    assert home.as_owner("GET", "brieven/a").status == 404
    assert "brieven/a" not in home.as_owner("GET", "brieven/").text
    assert home.as_owner("DELETE", "brieven/a").status == 404


@pytest.mark.requirement("protocol", "server-delete-remove-auxiliary-resource")
@pytest.mark.requirement("protocol", "server-auxiliary-resources-management")
def test_an_acl_goes_with_its_resource_and_does_not_come_back_with_it(home: Home) -> None:
    home.put("brieven/a")
    home.let("brieven/a", "Read")
    assert home.as_owner("DELETE", "brieven/a").status == 204
    assert home.as_owner("GET", "brieven/a.acl").status == 404
    home.put("brieven/a")
    assert home.as_owner("GET", "brieven/a.acl").status == 404
    assert home.as_bob("GET", "brieven/a").status == 403


@pytest.mark.requirement("protocol", "server-delete-protect-nonempty-container")
@pytest.mark.requirement("protocol", "server-delete-remove-empty-container")
def test_only_an_empty_container_is_deleted(home: Home) -> None:
    home.put("plannen/a/b")
    answer = home.as_owner("DELETE", "plannen/a/")
    assert (answer.status, "not empty" in answer.text) == (409, True)
    home.as_owner("DELETE", "plannen/a/b")
    assert home.as_owner("DELETE", "plannen/a/").status == 204
    assert home.as_owner("GET", "plannen/a/").status == 404


@pytest.mark.requirement("protocol", "server-delete-protect-root-container")
@pytest.mark.parametrize("path", ["", ".acl"])
def test_the_root_and_its_acl_cannot_be_deleted(home: Home, path: str) -> None:
    answer = home.as_owner("DELETE", path)
    assert (answer.status, "DELETE" in answer.headers["allow"]) == (405, False)
    assert home.as_owner("GET", path).status == 200


@pytest.mark.requirement("protocol", "server-http")
def test_a_delete_of_another_state_fails(home: Home) -> None:
    tag = home.put("brieven/a").headers["etag"]
    home.put("brieven/a")
    assert home.as_owner("DELETE", "brieven/a", {"If-Match": tag}).status == 412
    container = home.as_owner("GET", "brieven/").headers["etag"]
    home.put("brieven/b")
    assert home.as_owner("DELETE", "brieven/", {"If-Match": container}).status == 412


@pytest.mark.requirement("wac", "server-delete-operation")
def test_deleting_needs_write_on_the_resource_and_on_its_container(home: Home) -> None:
    home.put("brieven/a")
    home.let("brieven/a", "Read", "Write")
    assert home.as_bob("DELETE", "brieven/a").status == 403
    home.let("brieven/", "Read", "Write")
    home.let("brieven/a", "Read", "Append")
    assert home.as_bob("DELETE", "brieven/a").status == 403
    home.let("brieven/a", "Read", "Write")
    assert home.as_bob("DELETE", "brieven/a").status == 204


@pytest.mark.requirement("protocol", "server-delete-protect-nonempty-container")
def test_who_may_not_see_what_is_in_a_container_cannot_delete_it(home: Home) -> None:
    home.put("brieven/map/dicht")
    home.let("brieven/", "Read", "Write")
    home.let("brieven/map/dicht")
    assert home.as_bob("DELETE", "brieven/map/").status == 403
    assert home.as_owner("GET", "brieven/map/dicht").status == 200
    home.put("brieven/map/open")
    assert home.as_bob("DELETE", "brieven/map/").status == 409
