"""What may be a citizen service number is found wherever it stands."""

from __future__ import annotations

import pytest

from vault.bsn import holds_bsn

CANARY = "999990007"


@pytest.mark.parametrize(
    "text",
    [
        CANARY,
        f"bel {CANARY}.",
        f"123456789 en 111111111 en {CANARY} en 123456789",
        f"brieven/{CANARY}/x",
        f"x{CANARY}y",
        "brieven/%3999990007",
        "９９９９９０００７",
    ],
)
def test_a_number_that_passes_the_proof_is_found(text: str) -> None:
    assert holds_bsn(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "999990008",
        f"1{CANARY}",
        f"{CANARY}1",
        "99999000",
        "2027-03-31T23:59:59+02:00",
        "brieven/%20x",
        "00000001234567890000",
    ],
)
def test_other_numbers_are_not(text: str) -> None:
    assert not holds_bsn(text)
