"""Passkeys of accounts: added, used, named and removed, each with its line in the journal."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, RowMapping

from pod_server.identity import passkey_answers, records
from pod_server.identity.account_lines import keep_line
from pod_server.identity.accounts import Account, tidy
from pod_server.identity.parts import IdentityParts
from pod_server.identity.passkey_answers import Holder, InvalidPasskey, Site, site_of
from vault.errors import Conflict
from vault.stores.ports import CatalogueTransaction

max_passkeys = 20
max_name_length = 50


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey of an account; `name` is how its owner calls it."""

    id: str
    account: str
    name: str
    created_s: int
    used_s: int | None
    sign_count: int
    credential_id: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser answered to a challenge, in the request of a trace id."""

    challenge: bytes = field(repr=False)
    text: str = field(repr=False)
    trace_id: str


def passkeys_of(parts: IdentityParts, account: str) -> list[Passkey]:
    """The passkeys of an account, oldest first."""
    with parts.database.read() as connection:
        return _all(parts, connection, account)


def options_to_add(parts: IdentityParts, account: Account, challenge: bytes) -> str:
    """What her device needs to make one more passkey, as JSON."""
    holder = Holder(account.id, account.login or account.name, account.name)
    kept = passkeys_of(parts, account.id)
    return passkey_answers.creation_options(site(parts), holder, challenge, list(kept))


def options_to_use(parts: IdentityParts, challenge: bytes) -> str:
    """What any device needs to use one of its passkeys here, as JSON."""
    return passkey_answers.request_options(site(parts), challenge)


def site(parts: IdentityParts) -> Site:
    """The site that passkeys here are for."""
    return site_of(parts.issuer, parts.settings.display_name)


def add(parts: IdentityParts, account: Account, answer: Answer, name: str) -> Passkey:
    """Keep the passkey that her device made.

    Raises:
        InvalidPasskey: it was not made for this.
        Conflict: it is kept already, or there are too many.
    """
    new = passkey_answers.check_creation(site(parts), answer.challenge, answer.text)
    made = Passkey(
        parts.context.new_id(),
        account.id,
        tidy(name)[:max_name_length],
        parts.now_s,
        None,
        new.sign_count,
        new.credential_id,
        new.public_key,
        new.transports,
    )

    def change(tx: CatalogueTransaction) -> None:
        connection = records.connection_of(tx)
        _refuse_more(parts, connection, made)
        records.add_row(
            connection,
            records.passkey,
            id=made.id,
            account=account.id,
            credential_hash=_credential_hash(parts, made.credential_id),
            sign_count=made.sign_count,
            created_s=made.created_s,
            used_s=None,
            sealed=_sealed(parts, made),
        )
        keep_line(parts, tx, account, "add-passkey", answer.trace_id)

    parts.context.catalogue.write(change)
    return made


def check(parts: IdentityParts, answer: Answer) -> Passkey:
    """Whose passkey signed the challenge; unknown ones take as long as wrong ones.

    Raises:
        InvalidPasskey: none of those kept here did.
    """
    claim = passkey_answers.read_claim(answer.text)
    credential_hash = _credential_hash(parts, claim.credential_id)
    with parts.database.read() as connection:
        row = records.find_row(connection, records.passkey, credential_hash=credential_hash)
    kept = None if row is None else _read(parts, row)
    count = passkey_answers.check_answer(site(parts), answer.challenge, claim, kept)
    if kept is None or claim.holder != kept.account:
        raise InvalidPasskey("of somebody else")
    _count(parts, kept, count)
    return kept


def rename(parts: IdentityParts, account: Account, id_: str, name: str) -> None:
    """Call one of her passkeys something else; nothing happens when it is not there or the name is empty."""
    named = tidy(name)[:max_name_length]

    def change(connection: Connection) -> None:
        row = records.find_row(connection, records.passkey, id=id_, account=account.id)
        if row is None or not named:
            return
        sealed = _sealed(parts, replace(_read(parts, row), name=named))
        records.change_rows(connection, records.passkey, {"id": id_}, sealed=sealed)

    parts.database.write(change)


def remove(parts: IdentityParts, tx: CatalogueTransaction, account: Account, id_: str, trace_id: str) -> None:
    """Take one of her passkeys away, in the transaction that checked that she may."""
    records.drop_rows(records.connection_of(tx), records.passkey, id=id_, account=account.id)
    keep_line(parts, tx, account, "remove-passkey", trace_id)


def _count(parts: IdentityParts, kept: Passkey, count: int) -> None:
    """Note that it was used; of two uses at once that carry one count only the first is good."""
    where: dict[str, object] = {"id": kept.id, "sign_count": kept.sign_count}
    changed = parts.database.write(
        lambda connection: records.change_rows(
            connection, records.passkey, where, sign_count=count, used_s=parts.now_s
        )
    )
    if changed != 1:
        raise InvalidPasskey("used at the same time, or removed")


def _refuse_more(parts: IdentityParts, connection: Connection, made: Passkey) -> None:
    if len(records.rows_where(connection, records.passkey, account=made.account)) >= max_passkeys:
        raise Conflict("there are too many passkeys")
    credential_hash = _credential_hash(parts, made.credential_id)
    if records.find_row(connection, records.passkey, credential_hash=credential_hash) is not None:
        raise Conflict("the passkey is kept already")


def _all(parts: IdentityParts, connection: Connection, account: str) -> list[Passkey]:
    found = [_read(parts, row) for row in records.rows_where(connection, records.passkey, account=account)]
    return sorted(found, key=lambda one: (one.created_s, one.id))


def _credential_hash(parts: IdentityParts, credential_id: bytes) -> bytes:
    return parts.cipher.lookup_hash(None, "passkey", credential_id.hex())


def _sealed(parts: IdentityParts, passkey: Passkey) -> bytes:
    secret = [b64encode(value).decode() for value in (passkey.credential_id, passkey.public_key)]
    plain = json.dumps([passkey.name, *secret, list(passkey.transports)]).encode()
    return parts.cipher.encrypt(None, f"passkey {passkey.id}", plain)


def _read(parts: IdentityParts, row: RowMapping) -> Passkey:
    plain = json.loads(parts.cipher.decrypt(None, f"passkey {row['id']}", row["sealed"]))
    name, credential_id, public_key, transports = plain
    return Passkey(
        row["id"],
        row["account"],
        name,
        row["created_s"],
        row["used_s"],
        row["sign_count"],
        b64decode(credential_id),
        b64decode(public_key),
        tuple(transports),
    )
