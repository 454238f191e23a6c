"""The check of PDF/UA refuses a file for each clause that it names: a good one is bent in one place, and that place is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.exports.pdf_objects import Name, Pdf, Ref
from tests.exports.pdf_ua import elements, faults
from tests.exports.pdf_written import written
from tests.exports.test_paper_form import form as paper
from tests.exports.test_paper_form import form_pdf

Bend = Callable[[Pdf], object]


@pytest.fixture(scope="module")
def good() -> bytes:
    return form_pdf(paper())


def every(pdf: Pdf, kind: str, name: str) -> Iterator[dict[str, Any]]:
    yield from (value for value in pdf.objects.values() if isinstance(value, dict) and value.get(kind) == Name(name))


def one(pdf: Pdf, name: str) -> dict[str, Any]:
    """The first element of a kind."""
    return next(element for element in elements(pdf) if element["S"] == Name(name))


def font(pdf: Pdf, kind: str) -> dict[str, Any]:
    return next(every(pdf, "Subtype", kind))


def page(pdf: Pdf) -> dict[str, Any]:
    return next(pdf.pages())


def redraw(pdf: Pdf, old: bytes, new: bytes) -> None:
    """Change the first page's drawing, once."""
    number = page(pdf)["Contents"].number
    assert old in pdf.streams[number]
    pdf.streams[number] = pdf.streams[number].replace(old, new, 1)


def metadata(pdf: Pdf, old: bytes, new: bytes) -> None:
    number = pdf.catalogue["Metadata"].number
    assert old in pdf.streams[number]
    pdf.streams[number] = pdf.streams[number].replace(old, new)


def annotate(pdf: Pdf, **what: Any) -> None:
    """A link on the first page."""
    pdf.objects[9001] = {"Type": Name("Annot"), "Subtype": Name("Link"), "Rect": [0, 0, 9, 9], **what}
    page(pdf)["Annots"] = [Ref(9001)]


def owners(pdf: Pdf) -> list[Any]:
    """The elements of the first page's marked content, by its numbers."""
    found: list[Any] = pdf.at(pdf.at(pdf.at(pdf.catalogue["StructTreeRoot"])["ParentTree"])["Nums"][1])
    return found


def root(pdf: Pdf) -> dict[str, Any]:
    found: dict[str, Any] = pdf.at(pdf.catalogue["StructTreeRoot"])
    return found


HEAD: dict[str, tuple[Bend, str]] = {
    "no mark": (lambda pdf: pdf.catalogue.pop("MarkInfo"), "not say that the file is tagged"),
    "mark denied": (lambda pdf: pdf.catalogue["MarkInfo"].update(Marked=False), "not say that the file is tagged"),
    "suspects": (lambda pdf: pdf.catalogue["MarkInfo"].update(Suspects=True), "tags are suspect"),
    "no language": (lambda pdf: pdf.catalogue.pop("Lang"), "names no language"),
    "empty language": (lambda pdf: pdf.catalogue.update(Lang=b""), "names no language"),
    "no language at all": (lambda pdf: pdf.catalogue.update(Lang=b"tieng viet"), "'tieng viet' is no language"),
    "title hidden": (lambda pdf: pdf.catalogue["ViewerPreferences"].update(DisplayDocTitle=False), "not show the title"),
    "no metadata": (lambda pdf: pdf.catalogue.pop("Metadata"), "does not claim PDF/UA-1"),
    "no claim": (lambda pdf: metadata(pdf, b"pdfuaid:part>1<", b"pdfuaid:part>2<"), "does not claim PDF/UA-1"),
    "no title": (lambda pdf: metadata(pdf, b"dc:title", b"dc:subject"), "metadata have no title"),
    "encrypted": (lambda pdf: pdf.catalogue.update(Encrypt={"Filter": Name("Standard")}), "encrypted"),
}
TREE: dict[str, tuple[Bend, str]] = {
    "no tree": (lambda pdf: pdf.catalogue.pop("StructTreeRoot"), "no structure tree"),
    "unknown kind": (lambda pdf: one(pdf, "P").update(S=Name("Satz")), "Satz is no kind of element"),
    "known kind by another name": (
        lambda pdf: root(pdf)["RoleMap"].update(Satz=Name("Zeile")) or one(pdf, "P").update(S=Name("Satz")),
        "Zeile is no",
    ),
    "standard kind given away": (lambda pdf: root(pdf)["RoleMap"].update(P=Name("Span")), "P is given another meaning"),
    "figure without words": (lambda pdf: one(pdf, "Figure").pop("Alt"), "figure has no text beside it"),
    "figure with empty words": (lambda pdf: one(pdf, "Figure").update(Alt=b""), "figure has no text beside it"),
    "first heading second": (lambda pdf: one(pdf, "H1").update(S=Name("H2")), "heading H2 follows level 0"),
    "heading leaps": (lambda pdf: one(pdf, "H2").update(S=Name("H3")), "heading H3 follows level 1"),
    "no heading": (lambda pdf: [element.update(S=Name("P")) for element in elements(pdf) if element["S"].text[0] == "H"], "no heading"),
    "head cell without scope": (lambda pdf: one(pdf, "TH").pop("A"), "head of a table does not say what it heads"),
    "row outside a table": (lambda pdf: one(pdf, "Table").update(S=Name("Div")), "stands in Div"),
    "cell outside a row": (lambda pdf: one(pdf, "TR").update(S=Name("Div")), "TH stands in Div"),
    "language of a part": (lambda pdf: one(pdf, "P").update(Lang=b"en_US"), "'en_US' is no language"),
    "note without a name": (lambda pdf: one(pdf, "P").update(S=Name("Note")), "note has no name"),
}
DRAWN: dict[str, tuple[Bend, str]] = {
    "tab order": (lambda pdf: annotate(pdf) or page(pdf).pop("Tabs"), "tab order does not follow"),
    "link of no element": (lambda pdf: annotate(pdf, Contents=b"there"), "a link belongs to no element"),
    "link without words": (lambda pdf: annotate(pdf, StructParent=1), "a link has no words"),
    "untagged words": (
        lambda pdf: redraw(pdf, b"/Span<</MCID 0>>BDC", b"/Span BMC"),
        "draws something that is neither tagged nor an artifact",
    ),
    "untagged line": (lambda pdf: redraw(pdf, b"/Artifact<</Type/Layout>>BDC", b"/Span BMC"), "neither tagged nor an artifact"),
    "ornament inside words": (
        lambda pdf: redraw(pdf, b"/Span<</MCID 0>>BDC", b"/Span<</MCID 0>>BDC /Artifact BMC EMC"),
        "an artifact stands inside something tagged",
    ),
    "words inside an ornament": (
        lambda pdf: redraw(pdf, b"/Span<</MCID 0>>BDC", b"/Artifact BMC /Span<</MCID 0>>BDC EMC EMC /Span<</MCID 999>>BDC"),
        "something tagged stands inside an artifact",
    ),
    "nobody's content": (lambda pdf: redraw(pdf, b"<</MCID 0>>", b"<</MCID 999>>"), "marked content belongs to no element"),
    "content owned twice": (lambda pdf: redraw(pdf, b"<</MCID 1>>", b"<</MCID 0>>"), "marked content belongs to no element"),
    "owner gone": (lambda pdf: owners(pdf).__setitem__(0, None), "marked content belongs to no element"),
    "content gone": (lambda pdf: owners(pdf).append(owners(pdf)[0]), "an element's content is not drawn"),
}
FONTS: dict[str, tuple[Bend, str]] = {
    "no meaning": (lambda pdf: font(pdf, "Type0").pop("ToUnicode"), "have no meaning"),
    "meaning without letters": (
        lambda pdf: pdf.streams.update({font(pdf, "Type0")["ToUnicode"].number: b"begincmap endcmap"}),
        "have no meaning",
    ),
    "not in the file": (lambda pdf: pdf.at(font(pdf, "CIDFontType2")["FontDescriptor"]).pop("FontFile2"), "is not in the file"),
    "no description": (lambda pdf: font(pdf, "CIDFontType2").pop("FontDescriptor"), "is not in the file"),
    "no map to its shapes": (lambda pdf: font(pdf, "CIDFontType2").pop("CIDToGIDMap"), "does not say which shape a letter has"),
    "foreign encoding": (lambda pdf: font(pdf, "Type0").update(Encoding=Name("Something-H")), "Something-H is not in the file"),
    "no font": (lambda pdf: [value.update(Type=Name("Fount")) for value in every(pdf, "Type", "Font")], "the file has no font"),
}
BENDS = {
    f"{part}: {name}": bend
    for part, bends in (("head", HEAD), ("tree", TREE), ("drawn", DRAWN), ("fonts", FONTS))
    for name, bend in bends.items()
}


def test_a_file_written_out_again_is_as_good_as_before(good: bytes) -> None:
    assert faults(good) == []
    assert faults(written(Pdf(good))) == []


@pytest.mark.parametrize("name", BENDS)
def test_each_clause_is_refused_by_its_words(good: bytes, name: str) -> None:
    bend, said = BENDS[name]
    pdf = Pdf(good)
    bend(pdf)
    found = faults(written(pdf))
    assert any(said in fault for fault in found), found
