"""A browser is told in words that its owner knows again."""

from __future__ import annotations

import pytest

from pod_server.identity.devices import Device, read_device

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/140.0.0.0",
            Device("Edge", "Windows"),
        ),
        (f"Mozilla/5.0 (Linux; Android 10; K) {CHROME} Mobile Safari/537.36", Device("Chrome", "Android")),
        (
            f"Mozilla/5.0 (Linux; Android 10; K) {CHROME} SamsungBrowser/28.0",
            Device("Samsung Internet", "Android"),
        ),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {SAFARI} Version/18.0 Mobile/15E148 Safari/604.1",
            Device("Safari", "iPhone"),
        ),
        (
            f"Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) {SAFARI} FxiOS/140.0 Safari/605.1.15",
            Device("Firefox", "iPad"),
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            Device("Firefox", "Linux"),
        ),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {SAFARI} Version/18.0 Safari/605.1.15",
            Device("Safari", "Mac"),
        ),
        ("curl/8.5", Device("", "")),
        ("", Device("", "")),
    ],
)
def test_browser_and_device_are_told_from_what_it_says_of_itself(user_agent: str, device: Device) -> None:
    assert read_device(user_agent) == device
