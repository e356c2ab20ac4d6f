"""Samira's vault with everything the pages can show: a request, a grant, a letter, a journal, a move."""

from __future__ import annotations

import json
from typing import Any

import httpx2

from tests.unit.clients.fake_vault import (
    APP,
    ORGANISATION,
    PARTIES,
    PLAN,
    PURPOSE,
    SERVICES,
    STORAGE,
    WEBID,
    WORKER,
    FakeVault,
    grant_document,
    request_document,
    samira,
)

REQUEST = f"{STORAGE}verzoeken/f8wbgrrzbe42sve8"
GRANT = f"{STORAGE}toegang/yqusbu8jeu3kbz9y"
INVITATION = f"{SERVICES['InvitationService']}inv1"
MOVE = f"{SERVICES['RelocationService']}plan1"
LETTER = f"{STORAGE}brieven/abcdefgh23456789/"
_WKT = "https://kluis.example/ns/toegang#"
ZWOLLE = {
    "id": "http://localhost:4/zwolle/organisatie",
    "name": "Wijkteam Stadshagen",
    "kind": "https://kluis.example/ns/wijk#soort-wijkteam",
    "numberKind": "OIN",
    "number": "00000000000000000022",
    "municipality": "Zwolle",
    "group": "http://localhost:4/zwolle/groep",
    "suspended": False,
}
VISIBLE = {
    "id": f"{PLAN}plan",
    "mediaType": "text/turtle",
    "modified": "2026-11-03T16:20:00+01:00",
    "size": 10,
    "digest": "sha256:aa",
    "isNew": True,
}
PREVIEW = {"visible": [VISIBLE], "invisible": ["https://kluis.example/ns/wijk#map-geld"], "parties": PARTIES}


def full_vault() -> FakeVault:
    """Everything at once."""
    vault = samira()
    vault.say("GET", SERVICES["AccessRequestService"], {"items": [request_document()], "parties": PARTIES})
    vault.say("GET", REQUEST, request_document())
    vault.say("PATCH", REQUEST, {})
    vault.say("GET", SERVICES["AccessGrantService"], {"items": [grant_document()], "parties": PARTIES})
    vault.say("POST", SERVICES["AccessGrantService"], {}, 201, Location=GRANT)
    vault.say("DELETE", SERVICES["AccessGrantService"], {}, 204)
    vault.say("GET", GRANT, grant_document(), ETag='"1"')
    vault.say("DELETE", GRANT, {}, 204)
    vault.say("POST", SERVICES["PreviewService"], PREVIEW)
    viewers = {"agents": [{"id": WORKER, "grants": [GRANT]}]}
    vault.say("GET", SERVICES["PreviewService"], PREVIEW | viewers)
    _add_letter(vault)
    _add_invitation(vault)
    _add_journal(vault)
    _add_move(vault)
    return vault


def _add_letter(vault: FakeVault) -> None:
    vault.resources[f"{LETTER}bestand"] = ("application/pdf", b"%PDF-1.7 letter")
    title = '"Brief van <de> energie"@nl'
    vault.put(
        f"{LETTER}stuk",
        f"""@prefix wk: <https://kluis.example/ns/wijk#> . @prefix dct: <http://purl.org/dc/terms/> .
        <> a wk:Brief ; dct:type wk:st-brief ; dct:title {title} ; dct:hasFormat <bestand> ;
        <https://schema.org/sender> "Energie voor u"@nl ; dct:issued "2026-11-02" .""",
    )


def _add_invitation(vault: FakeVault) -> None:
    expires = "2026-11-24T10:55:00+01:00"
    opened = {"id": INVITATION, "status": "Open", "expires": expires}
    vault.say("POST", SERVICES["InvitationService"], opened | {"code": "K7MP2Q9F"}, 201)
    vault.say("GET", INVITATION, opened)
    vault.say("POST", INVITATION, {})
    vault.say("DELETE", INVITATION, {}, 204)


def redeemed(vault: FakeVault, status: str = "Redeemed") -> None:
    """Let the worker have used the code."""
    used = {"id": INVITATION, "status": status, "redeemedBy": WORKER, "organisation": ORGANISATION}
    more = {"expires": "2026-11-24T10:55:00+01:00", "until": "2026-12-24T10:55:00+01:00", "parties": PARTIES}
    vault.say("GET", INVITATION, used | more)
    vault.say("GET", SERVICES["InvitationService"], {"items": [used], "parties": PARTIES})


def line(sequence: int, activity: str, time: str, **more: Any) -> dict[str, Any]:
    """One line of the journal, by the worker with her own app unless said otherwise."""
    found = {"sequence": sequence, "activity": activity, "time": f"2026-11-{time}.123+01:00", "agent": WORKER}
    worker = {"organisation": ORGANISATION, "usedClient": "http://localhost:5/client-id", "count": 1}
    return found | (worker if "agent" not in more else {}) | more


def _add_journal(vault: FakeVault) -> None:
    plan, money = {"resource": f"{PLAN}plan"}, {"resource": f"{STORAGE}geld/x"}
    lines = [
        line(9, "read", "24T10:20:00", declaredPurpose=PURPOSE, **plan),
        line(8, "read", "24T10:10:00", declaredPurpose=PURPOSE, **plan),
        line(7, "read", "24T10:05:00", refusal=f"{_WKT}NoGrant", **money),
        line(6, "list", "24T10:04:00", agent=WEBID, usedClient=f"{APP}client-id", **money),
        line(5, "give", "23T10:04:00", agent=WEBID, grant=GRANT, resource=GRANT),
        line(4, "sign-in", "23T10:03:00", agent=WEBID),
    ]
    say_journal(vault, lines)


def say_journal(vault: FakeVault, lines: list[dict[str, Any]], **more: Any) -> None:
    """Let the journal hold these lines."""
    vault.say("GET", SERVICES["JournalService"], {"lines": lines, "parties": PARTIES, **more})


def move_document(**more: Any) -> dict[str, Any]:
    """A plan for moving to Zwolle with one grant."""
    summary = {"id": GRANT, "assignee": WORKER, "assigneeKind": "Worker", "organisation": ORGANISATION}
    grant_line = {
        "grant": summary | {"purpose": PURPOSE, "end": "2027-03-01T23:59:59+01:00"},
        "rule": f"{_WKT}vr-aanbieder",
        "suggestion": f"{_WKT}Continues",
        "sentence": "Zij helpt ook in Zwolle. U kunt haar houden.",
        "suggestedEnd": None,
        "offerNewTeam": False,
        "choice": None,
        "end": None,
        "handOver": False,
    }
    plan = {
        "id": MOVE,
        "type": "RelocationPlan",
        "status": "Draft",
        "moveDate": "2027-02-01",
        "parties": PARTIES,
    }
    towns = {"oldMunicipality": "Nijmegen", "newMunicipality": "Zwolle"}
    return plan | towns | {"lines": [grant_line], "candidates": [ZWOLLE], "newTeam": None} | more


def _add_move(vault: FakeVault) -> None:
    state = move_document()

    def keep(request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content)
        for grant_line, choice in zip(state["lines"], body["lines"], strict=False):
            grant_line["choice"] = choice["choice"]
        state["newTeam"] = body["newTeam"]
        return httpx2.Response(200, json=state, headers={"ETag": '"2"'})

    def carry_out(_: httpx2.Request) -> httpx2.Response:
        state["status"] = "Confirmed"
        return httpx2.Response(200, json=receipt_document())

    vault.say("POST", SERVICES["RelocationService"], state, 201)
    vault.services["PUT", MOVE] = keep
    vault.services["GET", MOVE] = lambda _: httpx2.Response(200, json=state, headers={"ETag": '"2"'})
    vault.say("POST", f"{MOVE}/voorbeeld", PREVIEW)
    vault.services["POST", f"{MOVE}/bevestiging"] = carry_out
    vault.say("GET", f"{MOVE}/bewijs", receipt_document())


def receipt_document() -> dict[str, Any]:
    """The receipt of that move."""
    old = {
        "grant": {"id": GRANT, "assignee": WORKER, "organisation": ORGANISATION},
        "end": "2027-01-31T23:59:59+01:00",
    }
    new = {"assignee": ZWOLLE["group"], "assigneeKind": "Team", "organisation": ZWOLLE["id"]}
    return {
        "type": "RelocationReceipt",
        "documentsCopied": 0,
        "documents": 48,
        "lines": [old],
        "newGrants": [new | {"end": "2027-07-31T23:59:59+02:00"}],
        "confirmedAt": "2026-11-24T10:41:00+01:00",
        "parties": [*PARTIES, ZWOLLE],
    }
