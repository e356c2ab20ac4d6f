"""Heads that are not read any further, before anything else is done."""

from __future__ import annotations

import pytest

from pod_server.http.limits import Limits, find_head_fault, find_target_fault

Headers = dict[str, tuple[str, ...]]
LIMITS = Limits(max_head_bytes=100, max_head_lines=3, max_path_bytes=10, max_query_bytes=10)
HOST: Headers = {"host": ("vault.example",)}


@pytest.mark.requirement("protocol", "server-http-11")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (HOST, None),
        (HOST | {"content-length": ("1",)}, None),
        (HOST | {"transfer-encoding": ("chunked",)}, None),
        (HOST | {"content-length": ("1",), "transfer-encoding": ("chunked",)}, 400),
        ({}, 400),
        ({"host": ("",)}, 400),
        ({"host": ("vault.example", "vault.example")}, 400),
    ],
)
def test_a_head_names_one_host_and_one_way_to_find_the_end(headers: Headers, status: int | None) -> None:
    fault = find_head_fault(headers, LIMITS)
    assert (None if fault is None else fault.status) == status


@pytest.mark.requirement("protocol", "server-http")
def test_a_head_may_be_so_long_and_no_longer() -> None:
    assert find_head_fault(HOST | {"a": ("1", "2")}, LIMITS) is None
    too_much: tuple[Headers, ...] = ({"a": ("1", "2", "3")}, {"a": ("x" * 100,)})
    for more in too_much:
        fault = find_head_fault(HOST | more, LIMITS)
        assert fault is not None
        assert fault.status == 431


@pytest.mark.requirement("protocol", "server-http")
def test_a_target_may_be_so_long_and_no_longer() -> None:
    assert find_target_fault("x" * 10, "x" * 10, LIMITS) is None
    for path, query in (("x" * 11, ""), ("", "x" * 11)):
        fault = find_target_fault(path, query, LIMITS)
        assert fault is not None
        assert fault.status == 414
