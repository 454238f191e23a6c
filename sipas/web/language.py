"""The language of a page: gettext over every catalogue of a language's folder, Vietnamese first.

The sentences in code and templates are Vietnamese; ``translations/<language>/LC_MESSAGES/*.po`` say them in another language.
Nothing is compiled beforehand and no cookie is set: ``?lang=en`` chooses, and a door with sessions may prefer one. A language that is
not complete (``tongues.py``) is spoken on the citizen's pages alone: what it has no words for stands in Vietnamese and says so.
"""

from __future__ import annotations

import gettext as machinery
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from urllib.parse import urlencode

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, request
from markupsafe import Markup

from sipas.instrument.speech import in_language
from sipas.web.tongues import FOLDER, tongues

SOURCE = "vi"


class Vietnamese(str):
    """Vietnamese words on a page of another language: text as ever, and in a template an element that says its language."""

    __slots__ = ()

    def __html__(self) -> Markup:
        return Markup('<span lang="vi">{}</span>').format(str(self))


@cache
def languages() -> tuple[str, ...]:
    """The complete languages, Vietnamese before all: those of every page."""
    return tuple(code for code, tongue in tongues().items() if tongue.complete)


@cache
def is_partial(language: str) -> bool:
    """Whether a language has words for some sentences only."""
    return not tongues()[language].complete


def read_catalogue(language: str) -> Catalog:
    """All sentences of a language: its ``.po`` files laid over one another."""
    merged = Catalog(locale=None, fuzzy=False)
    for path in sorted((FOLDER / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, abort_invalid=True):
                if message.id and message.string and not message.fuzzy:
                    merged.add(message.id, message.string, context=message.context)
    merged.mime_headers = [("Content-Type", "text/plain; charset=utf-8"), ("Plural-Forms", plural_forms(language))]
    return merged


@cache
def translations(language: str) -> machinery.NullTranslations:
    """The language as gettext's own object."""
    if language == SOURCE:
        return machinery.NullTranslations()
    packed = BytesIO()
    write_mo(packed, read_catalogue(language))
    packed.seek(0)
    return machinery.GNUTranslations(packed)


def plural_forms(language: str) -> str:
    """English tells one from many; Vietnamese and its neighbours do not."""
    return "nplurals=2; plural=(n != 1);" if language == "en" else "nplurals=1; plural=0;"


def current_language() -> str:
    """The language of the page that is being made: ``?lang=``, else what the door prefers, else Vietnamese."""
    if not has_request_context():
        return SOURCE
    asked = request.args.get("lang", "")
    return asked if asked in offered_here() else g.get("preferred_language", SOURCE)


def offer(further: tuple[str, ...]) -> None:
    """Let a door offer more languages than the complete ones for this request."""
    g.offered_languages = further


def offered_here() -> tuple[str, ...]:
    """The languages among which the reader of this page may choose."""
    found: tuple[str, ...] = g.get("offered_languages") or languages()
    return found


def prefer(language: str) -> None:
    """Let a door with a session keep its reader's choice for this request; an unknown language is passed over."""
    if language in languages():
        g.preferred_language = language


def gettext(sentence: str, **values: object) -> str:
    """A Vietnamese sentence in the reader's language; values are named in it as ``%(name)s``."""
    spoken = say(sentence)
    if not values:
        return spoken
    return Vietnamese(spoken % values) if isinstance(spoken, Vietnamese) else spoken % values


def say(sentence: str) -> str:
    """A sentence in the reader's language as it stands, or marked as Vietnamese where that language has no words for it."""
    language = current_language()
    spoken = translations(language).gettext(sentence)
    return Vietnamese(sentence) if is_partial(language) and spoken == sentence else spoken


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """The same for a sentence that counts ``num`` things."""
    return translations(current_language()).ngettext(one, many, num) % {"num": num, **values}


def in_words(mapping: Mapping[str, str]) -> str:
    """A wording that an instrument keeps by language; its Vietnamese, and said to be so, where it has none for the reader's."""
    return worded(mapping, current_language())


def worded(mapping: Mapping[str, str], language: str) -> str:
    """The same for a language that is named."""
    words = in_language(mapping, language)
    return Vietnamese(words) if is_partial(language) and language not in mapping else words


def named(mapping: Mapping[str, str]) -> str:
    """Words that belong to no questionnaire (a sector, what is asked first): from the mapping, else from the catalogue."""
    return mapping[current_language()] if current_language() in mapping else say(mapping[SOURCE])


def direction(language: str) -> str:
    """``ltr`` or ``rtl``, as the page's ``dir``."""
    try:
        return str(Locale.parse(language, sep="-").text_direction)
    except (UnknownLocaleError, ValueError):
        return "ltr"


def language_name(language: str) -> str:
    """What a language calls itself."""
    return tongues()[language].name


def address_in(language: str) -> str:
    """The same address in another language."""
    return "?" + urlencode([*((name, value) for name, value in request.args.items(multi=True) if name != "lang"), ("lang", language)])


def register(app: Flask) -> None:
    """Give templates ``_``, ``ngettext``, ``lang``, ``dir``, ``in_words``, ``named`` and ``address_in``."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        say,
        lambda one, many, num: translations(current_language()).ngettext(one, many, num),
        newstyle=True,
    )
    app.jinja_env.globals.update(in_words=in_words, address_in=address_in, current_language=current_language, language_name=language_name)
    app.jinja_env.filters.update(in_words=in_words, named=named)
    app.context_processor(surroundings)
    for language in tongues():
        translations(language)  # a broken catalogue stops the start, not a citizen


def surroundings() -> dict[str, object]:
    """What every template knows of its language."""
    language = current_language()
    return {
        "lang": language,
        "dir": direction(language),
        "languages": offered_here(),
        "tongue": tongues()[language],
        "tongues": tongues(),
    }
