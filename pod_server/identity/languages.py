"""The language of a page: her choice, else what the app asks for, else what her browser says, else Dutch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qs, urlencode

from flask import Blueprint, Response, current_app, g, make_response, redirect, request
from werkzeug.exceptions import NotFound, RequestEntityTooLarge

from pod_server.identity.browsers import the_cookies
from pod_server.identity.own_paths import own_path
from pod_server.identity.texts import Language, text_in

language_pages = Blueprint("languages", __name__)
kept_s = 365 * 24 * 3600
NAMES: Mapping[Language, str] = {Language.DUTCH: "Nederlands", Language.ENGLISH: "English"}


@language_pages.get("/taal/<chosen>")
def choose(chosen: str) -> Response:
    """Keep the language that she chose, and go back to the page where she was."""
    language = _known(chosen)
    if language is None:
        raise NotFound
    g.chosen_language = language
    return make_response(redirect(own_path(request.args.get("verder", "")) or "/", 303))


def is_switching() -> bool:
    """Whether a form was sent only to see its page in another language; what is typed is then shown again."""
    language = _known(request.form.get("taal", ""))
    if language is not None:
        g.language = g.chosen_language = language
    return language is not None


def keep_language(answer: Response) -> Response:
    """Let the browser remember the language that was just chosen."""
    if "chosen_language" in g:
        names = the_cookies()
        answer.set_cookie(
            names.language,
            g.chosen_language,
            max_age=kept_s,
            path="/",
            httponly=True,
            samesite="Lax",
            secure=names.is_secure,
        )
    return answer


def current_language() -> Language:
    """The language of this answer."""
    if "language" not in g:
        g.language = _chosen() or _asked_by_app() or _of_browser()
    language: Language = g.language
    return language


def text(name: str, /, **parts: object) -> str:
    """The text in the language of this answer (see `text_in`)."""
    return text_in(current_language(), name, **parts)


def language_links() -> list[tuple[Language, str, str]]:
    """Each language, its own name, and the address at which this page is in it."""
    here = urlencode({"verder": _this_page()})
    return [(language, name, f"/taal/{language}?{here}") for language, name in NAMES.items()]


def _this_page() -> str:
    """Where this page can be opened again: a page that answers a form is at the form's page, if there is one."""
    query = request.query_string.decode("ascii", "replace")
    if request.method == "POST":
        if not current_app.url_map.bind("").test(request.path, "GET"):
            return "/"
        # What waits for the sign-in travels in the form there.
        waiting = {name: value for name in ("verder", "naar") if (value := _sent(name))}
        query = urlencode(waiting) if waiting else query
    return f"{request.path}?{query}" if query else request.path


def _chosen() -> Language | None:
    return _known(request.cookies.get(the_cookies().language, ""))


def _asked_by_app() -> Language | None:
    """The first known one of `ui_locales` (`openid.net/specs/openid-connect-core-1_0.html#AuthRequest`)."""
    waiting = parse_qs(_sent("verder")).get("ui_locales", [])
    asked = request.args.get("ui_locales", waiting[0] if waiting else "")
    return _first_known(asked.split())


def _sent(name: str) -> str:
    """A value in the address or in the form; unread when that is too large."""
    try:
        return request.values.get(name, "")
    except RequestEntityTooLarge:
        return request.args.get(name, "")


def _of_browser() -> Language:
    """The first known one in order of preference, whatever its region."""
    tags = [tag for tag, quality in request.accept_languages if quality > 0]
    return _first_known(tags) or Language.DUTCH


def _first_known(tags: Iterable[str]) -> Language | None:
    found = (_known(tag.partition("-")[0].lower()) for tag in tags)
    return next((language for language in found if language is not None), None)


def _known(tag: str) -> Language | None:
    return Language(tag) if tag in set(Language) else None
