"""Settings from the command line, `WIJKKLUIS_…` variables or one TOML file; an unknown name is an error."""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pod_server.limit_settings import WrongLimit, is_limit, read_limit
from pod_server.s3_keys import SECRETS
from vault.keeping.backup_folder import UNFINISHED

PREFIX = "WIJKKLUIS_"
RESOLVED = "WIJKKLUIS_RESOLVED_SETTINGS"
FIXED = ("base_url", "issuer_url", "demo", "objects")
# Far longer than a change of keys takes.
least_key_age_s = 24 * 3600
REMEMBERED = (
    "port",
    "identity_port",
    "demo_origins",
    "outbound_allowed_hosts",
    "trusted_clients",
    "root_key_file",
    "s3_key_file",
)


class SettingsError(Exception):
    """A setting is unknown, missing, malformed, or differs from what was fixed at the first start."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a process needs to know.

    `base_url` and `issuer_url` end in a slash and are fixed at the first start, with `demo`. `demo_origins` are the
    only loopback origins that may be fetched, and only in demo mode. `root_key_file` is a path, "" for the data folder's own. `objects` is a URL (`s3://…`, `file:///…`), "" for the data folder's own; its keys stand
    in no setting, only the path of their file may. `trusted_proxies` are addresses or networks whose word counts on where a
    request comes from. `signing_key_age_s` is how long keys sign before fresh ones take over by themselves, 0 for ever. `accept_bearer_tokens` lets
    tokens of other issuers in that are bound to no key: whoever gets hold of one can use it. `limits` are those that differ from their defaults, each a setting by its own name. Times are in
    seconds, sizes in bytes.
    """

    data: str
    port: int
    identity_port: int
    base_url: str
    issuer_url: str
    workers: int = 2
    demo: bool = False
    demo_origins: tuple[str, ...] = ()
    trusted_clients: tuple[str, ...] = ()
    outbound_allowed_hosts: tuple[str, ...] = ()
    root_key_file: str = ""
    objects: str = ""
    s3_key_file: str = ""
    display_name: str = "Mijn Kluis"
    neutral_site: str = "https://www.buienradar.nl/"
    group_refresh_s: float = 30.0
    signing_key_age_s: int = 90 * 24 * 3600
    trusted_proxies: tuple[str, ...] = ()
    accept_bearer_tokens: bool = False
    limits: Mapping[str, float] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The data folder."""
        return Path(self.data)

    def dump(self) -> str:
        """Write as JSON, for a child process. Holds no secrets."""
        return json.dumps(dataclasses.asdict(self))


def load_settings(
    given: Mapping[str, Any], environment: Mapping[str, str] = os.environ, config: Path | None = None
) -> Settings:
    """Join command line (first), environment and file into settings, and fix what is fixed at the first start.

    Raises:
        SettingsError: an unknown name, a missing or malformed value, an unsafe URL, or one that was fixed otherwise.
    """
    values: dict[str, Any] = {**_from_file(config), **_from_environment(environment)}
    values |= {name: value for name, value in given.items() if value is not None}
    for name in ("data", "port"):
        if name not in values:
            raise SettingsError(f"setting {name!r} is missing: give --{name} or {PREFIX}{name.upper()}")
    values.setdefault("identity_port", int(values["port"]) + 1)
    fixed = _read_fixed(Path(values["data"]))
    values.setdefault("base_url", fixed.get("base_url", f"http://localhost:{values['port']}/"))
    values.setdefault("issuer_url", fixed.get("issuer_url", f"http://localhost:{values['identity_port']}/"))
    values.setdefault("demo", fixed.get("demo", False))
    values.setdefault("objects", fixed.get("objects", ""))
    settings = Settings(**_with_limits(values))
    _check_urls(settings)
    _check_proxies(settings)
    _check_key_age(settings)
    _check_fixed(settings, fixed)
    return settings


def parse_settings(text: str) -> Settings:
    """Read what `Settings.dump` wrote."""
    written: dict[str, Any] = json.loads(text)
    return Settings(**{name: _as_value(value) for name, value in written.items()})


def open_settings(data: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings of a data folder that has been served before, for the operator's commands.

    Raises:
        SettingsError: the folder has never been served.
    """
    check_whole(data)
    fixed = _read_fixed(data)
    if not fixed:
        raise SettingsError(f"{data} has no settings yet: start `wijkkluis serve --data {data}` first")
    given = {name: _as_value(fixed[name]) for name in REMEMBERED if name in fixed}
    return load_settings({"data": str(data), **given}, environment)


def check_whole(data: Path) -> None:
    """Refuse a data folder into which a restore has not finished.

    Raises:
        SettingsError: it has not.
    """
    if (data / UNFINISHED).exists():
        raise SettingsError(
            f"a restore into {data} was cut: run `wijkkluis restore` again before anything else"
        )


def fix_settings(settings: Settings) -> None:
    """Write into the data folder what stays fixed from the first start on, and what the operator's commands need."""
    path = settings.folder / "settings.json"
    settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = {name: getattr(settings, name) for name in (*FIXED, *REMEMBERED)}
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    temporary.replace(path)


def is_loopback(host: str) -> bool:
    """Whether a host name of a URL is this machine by name or by address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _from_file(config: Path | None) -> dict[str, Any]:
    if config is None:
        return {}
    try:
        values = tomllib.loads(config.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{config}: {error}") from error
    known = {field.name for field in dataclasses.fields(Settings)} - {"limits"}
    for name in values:
        if name not in known and not is_limit(name):
            raise SettingsError(f"{config}: unknown setting {name!r}")
    return {name: _as_value(value) for name, value in values.items()}


def _as_value(value: Any) -> Any:
    """JSON and TOML know lists where settings have tuples."""
    return tuple(value) if isinstance(value, list) else value


def _with_limits(values: Mapping[str, Any]) -> dict[str, Any]:
    """Gather the limits under one name, each checked."""
    try:
        limits = {name: read_limit(name, value) for name, value in values.items() if is_limit(name)}
    except WrongLimit as error:
        raise SettingsError(str(error)) from error
    return {name: value for name, value in values.items() if not is_limit(name)} | {"limits": limits}


def _check_proxies(settings: Settings) -> None:
    for text in settings.trusted_proxies:
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError as error:
            raise SettingsError(f"trusted_proxies: {text!r} is no address or network") from error


def _check_key_age(settings: Settings) -> None:
    age_s = settings.signing_key_age_s
    if age_s != 0 and not least_key_age_s <= age_s:
        raise SettingsError(f"signing_key_age_s: {age_s!r} must be 0 (never) or at least {least_key_age_s}")


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    fields = {f"{PREFIX}{field.name.upper()}": field for field in dataclasses.fields(Settings)}
    fields.pop(f"{PREFIX}LIMITS")
    values: dict[str, Any] = {}
    for variable, text in environment.items():
        if not variable.startswith(PREFIX) or variable in {RESOLVED, *SECRETS}:
            continue
        name = variable.removeprefix(PREFIX).lower()
        if variable == f"{PREFIX}{name.upper()}" and is_limit(name):
            values[name] = text
            continue
        if variable not in fields:
            raise SettingsError(f"unknown setting {variable}")
        values[fields[variable].name] = _parse(variable, str(fields[variable].type), text)
    return values


def _parse(name: str, kind: str, text: str) -> Any:
    try:
        match kind:
            case "int":
                return int(text)
            case "float":
                return float(text)
            case "bool":
                return {"true": True, "false": False}[text.lower()]
            case "str":
                return text
            case _:
                return tuple(part for part in text.split(",") if part)
    except (ValueError, KeyError) as error:
        raise SettingsError(f"{name}: {text!r} is not of type {kind}") from error


def _read_fixed(data: Path) -> dict[str, Any]:
    path = data / "settings.json"
    if not path.exists():
        return {}
    fixed: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {"objects": ""} | fixed


def _check_urls(settings: Settings) -> None:
    hosts = []
    for name in ("base_url", "issuer_url"):
        url = getattr(settings, name)
        parts = urlsplit(url)
        hosts.append(parts.hostname or "")
        if not url.endswith("/") or parts.scheme not in {"http", "https"} or parts.query or parts.fragment:
            raise SettingsError(f"{name}: {url!r} must be a http(s) URL that ends in /")
        if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            raise SettingsError(f"{name}: {url!r} is not on this machine and must be https")
        if settings.demo and not is_loopback(parts.hostname or ""):
            raise SettingsError(f"{name}: demo mode refuses {url!r}, it is not on this machine")
    if settings.base_url == settings.issuer_url:
        raise SettingsError(
            "base_url and issuer_url must differ: what people store never runs beside the sign-in page"
        )
    if hosts[0] == hosts[1] and not is_loopback(hosts[0]):
        raise SettingsError(f"base_url and issuer_url must differ in host, both are {hosts[0]!r}")


def _check_fixed(settings: Settings, fixed: Mapping[str, Any]) -> None:
    for name in FIXED:
        now = getattr(settings, name)
        if name in fixed and fixed[name] != now:
            raise SettingsError(
                f"{name} was fixed as {fixed[name]!r} at the first start and cannot become {now!r}"
            )
