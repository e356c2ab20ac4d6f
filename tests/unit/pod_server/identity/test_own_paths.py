"""An address that comes back from a browser never leads elsewhere."""

from __future__ import annotations

import pytest

from pod_server.identity.own_paths import max_length, own_path


@pytest.mark.parametrize("path", ["/", "/account", "/toestaan?client_id=https%3A%2F%2Fapp.example%2F&x=1"])
def test_a_path_of_this_site_is_kept_as_it_is(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "address",
    [
        "",
        "account",
        "//elders.example/",
        "/\\elders.example/",
        "\\\\elders.example",
        "https://elders.example/",
        "javascript:alert(1)",
        "/a\r\nX: y",
        "/a b",
        "/\t/elders.example",
        "/é",
        "/a#b",
        "/" + "a" * max_length,
    ],
)
def test_what_could_lead_elsewhere_is_no_path(address: str) -> None:
    assert own_path(address) is None
