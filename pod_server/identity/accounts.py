"""Accounts of people: a name, a way to sign in, and a storage of their own."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, RowMapping

from pod_server.authentication.caches import ExpiringCache
from pod_server.identity import records
from pod_server.identity.parts import IdentityParts
from pod_server.identity.passwords import find_fault, hash_password, is_password
from vault.errors import Conflict, InvalidIdentifier, UnacceptableContent, Violation
from vault.model.identifiers import ResourceIdentifier, StorageId, identifier_from_url
from vault.model.moments import Clock
from vault.stores.ports import CatalogueTransaction
from vault.stores.sqlite import Database

PROFILE_PATH = "profiel/card"
min_login_length = 3
max_login_length = 200
max_name_length = 100
_remembered_s = 60
_max_remembered = 10_000
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What somebody fills in; `email` is any name to sign in with. Without a password nobody can sign in on the pages."""

    name: str
    email: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who has a storage here; `login` is None for accounts that only programs use.

    `password_since_s` is how old the password is as a way in: a change by who knew the old one leaves it. What was signed
    in before `signed_out_s` is over; access tokens count only with the same `sign_outs`.
    """

    id: str
    storage: StorageId
    webid: str
    name: str
    login: str | None
    password_hash: str | None = field(default=None, repr=False)
    password_since_s: int = 0
    signed_out_s: int = 0
    sign_outs: int = 0


def create_account(parts: IdentityParts, new: NewAccount) -> Account:
    """Make an account and its storage, both or none.

    Raises:
        UnacceptableContent: a field is not as it must be; the violations name it and the fault.
        Conflict: the login name is taken.
    """
    name, login = tidy(new.name), tidy_login(new.email)
    _check(new, name, login)
    _check_free(parts, login)
    storage = StorageId(parts.context.new_id())
    made = Account(
        id=parts.context.new_id(),
        storage=storage,
        webid=webid_of(storage, parts.context.base_url),
        name=name,
        login=login,
        password_hash=None if new.password is None else hash_password(new.password),
        password_since_s=parts.now_s,
    )
    create_storage = parts.provision(storage, name)

    def change(transaction: CatalogueTransaction) -> None:
        connection = records.connection_of(transaction)
        _refuse_taken(parts, connection, login)
        create_storage(transaction)
        _insert(parts, connection, made)

    parts.context.catalogue.write(change)
    return made


def find_account(parts: IdentityParts, id_: str) -> Account | None:
    """The account with this id."""
    with parts.database.read() as connection:
        return find_account_in(parts, connection, id_)


def find_signed_in(parts: IdentityParts, id_: str, signed_in_s: int) -> Account | None:
    """The account with this id, for a sign-in of that second; None when that is over."""
    account = find_account(parts, id_)
    return None if account is None or signed_in_s < account.signed_out_s else account


def find_account_in(parts: IdentityParts, connection: Connection, id_: str) -> Account | None:
    """The account with this id, as one connection sees it."""
    row = records.find_row(connection, records.account, id=id_)
    return None if row is None else _read(parts, row)


def find_account_by_login(parts: IdentityParts, login: str) -> Account | None:
    """The account with this login name."""
    login_hash = _login_hash(parts, tidy_login(login) or "")
    with parts.database.read() as connection:
        row = records.find_row(connection, records.account, login_hash=login_hash)
    return None if row is None else _read(parts, row)


def find_account_of(parts: IdentityParts, webid: str) -> Account | None:
    """The account with this WebID."""
    storage = _storage_of(webid, parts.context.base_url)
    if storage is None:
        return None
    with parts.database.read() as connection:
        row = records.find_row(connection, records.account, storage=storage.value)
    return None if row is None else _read(parts, row)


def authenticate(parts: IdentityParts, login: str, password: str) -> Account | None:
    """Whose login name and password these are; takes as long when there is nobody."""
    account = find_account_by_login(parts, login)
    if not is_password(password, account.password_hash if account else None):
        return None
    return account


def end_tokens(parts: IdentityParts, tx: CatalogueTransaction, id_: str) -> None:
    """Let no access token of an account count any more, in a transaction; sign-ins that go on get new ones."""
    connection = records.connection_of(tx)
    account = find_account_in(parts, connection, id_)
    if account is not None:
        changed = replace(account, sign_outs=account.sign_outs + 1)
        keep_changed(parts, connection, changed)
        tx.put_sign_outs(account.webid, changed.sign_outs)


def keep_changed(parts: IdentityParts, connection: Connection, account: Account) -> None:
    """Keep an account whose password, `signed_out_s` or `sign_outs` is another."""
    records.change_rows(connection, records.account, {"id": account.id}, sealed=_sealed(parts, account))


def local_webids(database: Database, base_url: str, now: Clock) -> Callable[[str], bool]:
    """Make the function that tells whether an account here has a WebID; a yes is remembered for a minute."""
    remembered: ExpiringCache[str, bool] = ExpiringCache(_max_remembered)

    def is_local(webid: str) -> bool:
        now_s = now().wall_s
        if remembered.get(webid, now_s):
            return True
        storage = _storage_of(webid, base_url)
        if storage is None:
            return False
        with database.read() as connection:
            is_there = records.find_row(connection, records.account, storage=storage.value) is not None
        if is_there:
            remembered.put(webid, True, now_s + _remembered_s)
        return is_there

    return is_local


def webid_of(storage: StorageId, base_url: str) -> str:
    """The WebID of the owner of a storage here."""
    return ResourceIdentifier(storage, PROFILE_PATH).url(base_url) + "#me"


def tidy(text: str) -> str:
    """A name as it is kept: in one form, without characters that cannot be seen, single spaces."""
    seen = (c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) not in _INVISIBLE)
    return " ".join("".join(seen).split())


def tidy_login(text: str | None) -> str | None:
    """A login name as it is looked up: capitals and spaces around it make no difference."""
    return None if text is None else tidy(unicodedata.normalize("NFKC", text)).casefold()


def _storage_of(webid: str, base_url: str) -> StorageId | None:
    try:
        storage = identifier_from_url(webid.removesuffix("#me"), base_url).storage
    except InvalidIdentifier:
        return None
    return storage if webid == webid_of(storage, base_url) else None


def _check(new: NewAccount, name: str, login: str | None) -> None:
    faults = []
    if not 1 <= len(name) <= max_name_length:
        faults.append(Violation("name", "empty-or-too-long"))
    if not _is_login(login, is_needed=new.password is not None):
        faults.append(Violation("login", "too-short-or-too-long"))
    if new.password is not None:
        fault = find_fault(new.password, login or "", name)
        faults += [Violation("password", fault.value)] if fault else []
    if faults:
        words = ", ".join(f"{fault.field} {fault.sentence}" for fault in faults)
        raise UnacceptableContent(f"the account cannot be made: {words}", tuple(faults))


def _is_login(login: str | None, *, is_needed: bool) -> bool:
    return not is_needed if login is None else min_login_length <= len(login) <= max_login_length


def _check_free(parts: IdentityParts, login: str | None) -> None:
    with parts.database.read() as connection:
        _refuse_taken(parts, connection, login)


def _refuse_taken(parts: IdentityParts, connection: Connection, login: str | None) -> None:
    if login is None:
        return
    if records.find_row(connection, records.account, login_hash=_login_hash(parts, login)) is not None:
        raise Conflict("the login name is taken")


def _login_hash(parts: IdentityParts, login: str) -> bytes:
    return parts.cipher.lookup_hash(None, "account login", login)


def _insert(parts: IdentityParts, connection: Connection, made: Account) -> None:
    records.add_row(
        connection,
        records.account,
        id=made.id,
        storage=made.storage.value,
        login_hash=None if made.login is None else _login_hash(parts, made.login),
        created_s=parts.now_s,
        sealed=_sealed(parts, made),
    )


def _sealed(parts: IdentityParts, account: Account) -> bytes:
    since = (account.password_since_s, account.signed_out_s, account.sign_outs)
    known = [account.name, account.login, account.password_hash, *since]
    return parts.cipher.encrypt(None, _label(account.id), json.dumps(known).encode())


def _read(parts: IdentityParts, row: RowMapping) -> Account:
    plain = json.loads(parts.cipher.decrypt(None, _label(row["id"]), row["sealed"]))
    # Those of before had three values, and their first password.
    name, login, password_hash, since_s, signed_out_s, sign_outs = (
        plain if len(plain) > 3 else (*plain, row["created_s"], 0, 0)
    )
    storage = StorageId(row["storage"])
    webid = webid_of(storage, parts.context.base_url)
    return Account(row["id"], storage, webid, name, login, password_hash, since_s, signed_out_s, sign_outs)


def _label(id_: str) -> str:
    return f"account {id_}"
