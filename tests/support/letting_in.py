"""Somebody with a browser at her issuer, without Chromium: she signs in and says what an app may do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import httpx2

LOGIN, PASSWORD = "samira", "drie lange woorden"


@dataclass(frozen=True, slots=True)
class Person:
    """Her account (made with `LOGIN` and `PASSWORD`) and her browser, whose base URL is the issuer."""

    webid: str
    pod: str
    issuer: str
    browser: httpx2.Client

    def post(self, page: httpx2.Response, **form: str) -> httpx2.Response:
        """Send the form of a page."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert found, page.text
        return self.browser.post(page.url, data={"csrf_token": found[1], **form})

    def let_in(self, url: str) -> tuple[str, str]:
        """Go where an app sends her, sign in and say yes; the consent page, and where she is sent back to."""
        page = self.browser.get(url, follow_redirects=True)
        verder = parse_qs(urlsplit(str(page.url)).query)["verder"][0]
        signed_in = self.post(page, inlognaam=LOGIN, wachtwoord=PASSWORD, verder=verder)
        consent = self.browser.get(signed_in.headers["Location"])
        answer = self.post(consent, besluit="ja", wat="lezen", plaats="afspraken/")
        return consent.text, answer.headers["Location"]
