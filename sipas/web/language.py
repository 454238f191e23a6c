"""The language of a page: gettext over every catalogue of a language's folder, Vietnamese first.

The sentences in code and templates are Vietnamese; ``translations/<language>/LC_MESSAGES/*.po`` say them in another language.
Nothing is compiled beforehand and no cookie is set: ``?lang=en`` chooses, and a door with sessions may prefer one.
"""

from __future__ import annotations

import gettext as machinery
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, request

from sipas.instrument.speech import in_language

FOLDER = Path(__file__).resolve().parents[1] / "translations"
SOURCE = "vi"


@cache
def languages() -> tuple[str, ...]:
    """Every language that has a folder, Vietnamese before all."""
    found = sorted(path.name for path in FOLDER.iterdir() if (path / "LC_MESSAGES").is_dir())
    return (SOURCE, *(name for name in found if name != SOURCE))


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
    return asked if asked in languages() else g.get("preferred_language", SOURCE)


def prefer(language: str) -> None:
    """Let a door with a session keep its reader's choice for this request; an unknown language is passed over."""
    if language in languages():
        g.preferred_language = language


def gettext(sentence: str, **values: object) -> str:
    """A Vietnamese sentence in the reader's language; values are named in it as ``%(name)s``."""
    spoken = translations(current_language()).gettext(sentence)
    return spoken % values if values else spoken


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """The same for a sentence that counts ``num`` things."""
    return translations(current_language()).ngettext(one, many, num) % {"num": num, **values}


def in_words(mapping: Mapping[str, str]) -> str:
    """A wording that an instrument keeps by language."""
    return in_language(mapping, current_language())


def direction(language: str) -> str:
    """``ltr`` or ``rtl``, as the page's ``dir``."""
    try:
        return str(Locale.parse(language, sep="-").text_direction)
    except (UnknownLocaleError, ValueError):
        return "ltr"


def language_name(language: str) -> str:
    """What a language calls itself."""
    try:
        name = Locale.parse(language, sep="-").get_display_name() or language
    except (UnknownLocaleError, ValueError):
        return language
    return name[0].upper() + name[1:]


def address_in(language: str) -> str:
    """The same address in another language."""
    return "?" + urlencode([*((name, value) for name, value in request.args.items(multi=True) if name != "lang"), ("lang", language)])


def register(app: Flask) -> None:
    """Give templates ``_``, ``ngettext``, ``lang``, ``dir``, ``in_words`` and ``address_in``."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        lambda sentence: translations(current_language()).gettext(sentence),
        lambda one, many, num: translations(current_language()).ngettext(one, many, num),
        newstyle=True,
    )
    app.jinja_env.globals.update(in_words=in_words, address_in=address_in, current_language=current_language, language_name=language_name)
    app.jinja_env.filters["in_words"] = in_words
    app.context_processor(lambda: {"lang": current_language(), "dir": direction(current_language()), "languages": languages()})
    for language in languages():
        translations(language)  # a broken catalogue stops the start, not a citizen
