"""Settings: where they may come from, and what keeps the server from starting."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from pod_server.__main__ import main
from pod_server.http.limits import Limits
from pod_server.limit_settings import LIMITS, http_limits, read_limit, vault_limits
from pod_server.limits_page import write_page
from pod_server.settings import (
    Settings,
    SettingsError,
    fix_settings,
    is_loopback,
    load_settings,
    open_settings,
    parse_settings,
)
from vault.model.limits import VaultLimits

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "limits.md"


def load(tmp_path: Path, environment: dict[str, str], config: str | None = None) -> Settings:
    """Settings from an environment and perhaps a file."""
    path = None
    if config is not None:
        path = tmp_path / "settings.toml"
        path.write_text(config, encoding="utf-8")
    return load_settings({"data": str(tmp_path), "port": 3000}, environment, path)


def test_every_limit_is_a_setting_and_its_default_is_within_its_bounds() -> None:
    fields = {*Limits.__dataclass_fields__, *VaultLimits.__dataclass_fields__}
    assert {limit.name for limit in LIMITS} == fields
    assert all(limit.least <= limit.default <= limit.most for limit in LIMITS)
    assert all(read_limit(limit.name, str(limit.default)) == limit.default for limit in LIMITS)


def test_the_page_of_limits_says_what_the_settings_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == write_page(), "make limits"


def test_limits_come_from_environment_and_file_and_reach_their_part(tmp_path: Path) -> None:
    environment = {"WIJKKLUIS_MAX_BODY_BYTES": "3000", "WIJKKLUIS_GRACE_S": "1.5"}
    settings = load(tmp_path, environment, "max_triples = 7\nmax_body_bytes = 5000\n")
    assert http_limits(settings.limits) == Limits(max_body_bytes=3000, grace_s=1.5)
    assert vault_limits(settings.limits) == VaultLimits(max_triples=7)


def test_settings_reach_a_child_process_as_they_are(tmp_path: Path) -> None:
    settings = load(tmp_path, {"WIJKKLUIS_MAX_TRIPLES": "7", "WIJKKLUIS_TRUSTED_PROXIES": "10.0.0.0/8,::1"})
    assert parse_settings(settings.dump()) == settings
    assert settings.trusted_proxies == ("10.0.0.0/8", "::1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_BODY_BYTES", "0"),
        ("MAX_BODY_BYTES", "veel"),
        ("MAX_BODY_BYTES", "12.5"),
        ("MAX_BODY_BYTES", "99999999999999999999"),
        ("MAX_PATH_BYTES", "4096"),
        ("GRACE_S", "-1"),
        ("GRACE_S", "nan"),
        ("TRUSTED_PROXIES", "proxy.example"),
        ("LIMITS", "{}"),
        ("MAX_MEMBERS", "5"),
    ],
)
def test_a_wrong_value_is_an_error_that_names_the_setting(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"(?i){name}"):
        load(tmp_path, {f"WIJKKLUIS_{name}": value})


@pytest.mark.parametrize(
    "line", ["max_triples = true", "max_triples = [1]", "max_triples = 1.5", "limits = {}", "MAX_TRIPLES = 5"]
)
def test_a_wrong_value_in_a_file_is_an_error_too(tmp_path: Path, line: str) -> None:
    with pytest.raises(SettingsError, match=line.split(" ")[0]):
        load(tmp_path, {}, line)


def test_every_kind_of_setting_comes_from_the_environment_and_the_command_line_goes_first(
    tmp_path: Path,
) -> None:
    environment = {
        "WIJKKLUIS_DEMO": "true",
        "WIJKKLUIS_GROUP_REFRESH_S": "2.5",
        "WIJKKLUIS_DISPLAY_NAME": "Kluis",
        "WIJKKLUIS_WORKERS": "7",
        "WIJKKLUIS_DEMO_ORIGINS": "http://localhost:1,,http://localhost:2",
    }
    given = {"data": str(tmp_path), "port": 3000, "workers": 3, "identity_port": None}
    settings = load_settings(given, environment)
    assert (settings.demo, settings.group_refresh_s, settings.display_name) == (True, 2.5, "Kluis")
    assert settings.demo_origins == ("http://localhost:1", "http://localhost:2")
    assert (settings.workers, settings.identity_port) == (3, 3001)
    assert (settings.base_url, settings.issuer_url) == ("http://localhost:3000/", "http://localhost:3001/")


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"WIJKKLUIS_WORKERS": "drie"}, "WORKERS"),
        ({"WIJKKLUIS_DEMO": "ja"}, "DEMO"),
        ({"WIJKKLUIS_IETS": "1"}, "unknown setting WIJKKLUIS_IETS"),
        ({"WIJKKLUIS_SIGNING_KEY_AGE_S": "86399"}, "signing_key_age_s"),
        ({"WIJKKLUIS_SIGNING_KEY_AGE_S": "-1"}, "signing_key_age_s"),
        ({"WIJKKLUIS_BASE_URL": "https://kluis.example"}, "ends in /"),
        ({"WIJKKLUIS_BASE_URL": "http://kluis.example/"}, "must be https"),
        ({"WIJKKLUIS_BASE_URL": "https://kluis.example/", "WIJKKLUIS_DEMO": "true"}, "demo mode refuses"),
        ({"WIJKKLUIS_BASE_URL": "http://localhost:3001/"}, "must differ"),
        (
            {
                "WIJKKLUIS_BASE_URL": "https://kluis.example/a/",
                "WIJKKLUIS_ISSUER_URL": "https://kluis.example/b/",
            },
            "must differ in host",
        ),
    ],
)
def test_what_cannot_be_served_safely_is_an_error(
    tmp_path: Path, environment: dict[str, str], words: str
) -> None:
    with pytest.raises(SettingsError, match=words):
        load(tmp_path, environment)


@pytest.mark.parametrize("name", ["data", "port"])
def test_what_is_needed_and_missing_is_named(tmp_path: Path, name: str) -> None:
    given = {"data": str(tmp_path), "port": 3000}
    del given[name]
    with pytest.raises(SettingsError, match=name):
        load_settings(given, {})


@pytest.mark.parametrize("text", ["iets = 1", "workers = ", ""])
def test_a_file_is_toml_with_known_names(tmp_path: Path, text: str) -> None:
    if text:
        with pytest.raises(SettingsError):
            load(tmp_path, {}, text)
    else:
        assert load(tmp_path, {}, text) == load(tmp_path, {})
    with pytest.raises(SettingsError):
        load_settings({"data": str(tmp_path), "port": 3000}, {}, tmp_path / "niets.toml")


def test_urls_are_fixed_at_the_first_start_and_remembered_for_the_operators_commands(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="has no settings yet"):
        open_settings(tmp_path, {})
    environment = {"WIJKKLUIS_TRUSTED_CLIENTS": "https://app.example/id"}
    settings = load(tmp_path, environment)
    fix_settings(settings)
    assert open_settings(tmp_path, {}) == settings
    assert load(tmp_path, environment) == settings
    with pytest.raises(SettingsError, match="was fixed as"):
        load(tmp_path, {"WIJKKLUIS_BASE_URL": "http://localhost:4000/"})


@pytest.mark.parametrize(
    ("host", "expected"),
    [("localhost", True), ("127.0.0.1", True), ("::1", True), ("192.0.2.1", False), ("kluis.example", False)],
)
def test_this_machine_has_a_name_and_addresses(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


ELSEWHERE = {
    "WIJKKLUIS_BASE_URL": "https://kluis.example/",
    "WIJKKLUIS_ISSUER_URL": "https://inloggen.kluis.example/",
}


def test_addresses_that_others_can_reach_are_those_of_the_settings(tmp_path: Path) -> None:
    settings = load(tmp_path, ELSEWHERE)
    assert (settings.base_url, settings.issuer_url) == tuple(ELSEWHERE.values())


@pytest.mark.requirement("protocol", "server-tls-https")
def test_storages_that_others_can_reach_are_https_only(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"base_url.*must be https"):
        load(tmp_path, ELSEWHERE | {"WIJKKLUIS_BASE_URL": "http://kluis.example/"})


@pytest.mark.requirement("solid-oidc", "solid-oidc-35")
def test_tokens_and_passwords_go_over_https_only(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"issuer_url.*must be https"):
        load(tmp_path, ELSEWHERE | {"WIJKKLUIS_ISSUER_URL": "http://inloggen.kluis.example/"})


@pytest.mark.parametrize("option", ["--trusted-proxy=onzin", "--issuer-url=http://elders.example/"])
def test_the_command_says_which_setting_is_wrong_and_does_not_start(tmp_path: Path, option: str) -> None:
    done = CliRunner().invoke(main, ["serve", "--data", str(tmp_path / "data"), "--port", "3000", option])
    assert done.exit_code == 1
    assert option.split("=")[0].strip("-").replace("-", "_")[:10] in done.output
    assert not (tmp_path / "data").exists()
