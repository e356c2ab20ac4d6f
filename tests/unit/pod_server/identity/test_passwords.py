"""Passwords: which are refused, and how they are kept."""

from __future__ import annotations

import pytest
from argon2 import Type, extract_parameters

from pod_server.identity import passwords
from pod_server.identity.passwords import PasswordFault, find_fault, hash_password, is_password
from tests.support.identity import QUICK_HASHER


@pytest.mark.parametrize(
    "password", ["drie lange woorden", "fietsbel-koffie-regen", "ÄrgerÜberÖl42", "x" + "é9kq" * 40]
)
def test_a_long_password_that_nobody_else_tries_is_accepted(password: str) -> None:
    assert find_fault(password, "samira", "Samira El Idrissi") is None


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("kort", PasswordFault.TOO_SHORT),
        ("123456789", PasswordFault.TOO_SHORT),
        ("lang" * 51, PasswordFault.TOO_LONG),
        ("qwertyuiop", PasswordFault.TOO_COMMON),
        ("QwertyUIOP", PasswordFault.TOO_COMMON),
        ("Welkom2026!", PasswordFault.TOO_COMMON),
        ("wachtwoord", PasswordFault.TOO_COMMON),
        ("fiets-fiets-1", PasswordFault.TOO_COMMON),
        ("2026-11-24-10", PasswordFault.TOO_COMMON),
        ("abababababab", PasswordFault.TOO_COMMON),
        ("Samira2026!!", PasswordFault.OWN_NAME),
        ("el.idrissi.1", PasswordFault.OWN_NAME),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(password: str, fault: PasswordFault) -> None:
    assert find_fault(password, "el.idrissi@post.example", "Samira El Idrissi") is fault


def test_passwords_are_hashed_with_argon2id_as_rfc_9106_recommends() -> None:
    parameters = extract_parameters(passwords.HASHER.hash("x"))
    assert parameters.type is Type.ID
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (65536, 3, 4)


def test_only_the_same_password_fits_its_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", QUICK_HASHER)
    kept = hash_password("drie lange woorden")
    assert is_password("drie lange woorden", kept)
    assert not is_password("Drie lange woorden", kept)


def test_without_a_kept_hash_no_password_fits_not_even_that_of_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passwords, "HASHER", QUICK_HASHER)
    assert not is_password("nobody has this password", None)
