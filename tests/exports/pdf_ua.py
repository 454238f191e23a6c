"""The clauses of PDF/UA-1 that a machine can check without knowing what the paper means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.exports.pdf_objects import Name, Pdf, Ref, Word, tokens, value_of

SHOWS = {"Tj", "TJ", "'", '"', "f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh", "Do", "EI"}
STANDARD = re.compile(
    "Document|Part|Art|Sect|Div|BlockQuote|Caption|TOCI?|Index|NonStruct|Private|P|H[1-6]?|L|LI|Lbl|LBody|Table|TR|TH|TD|THead|TBody|TFoot|"
    "Span|Quote|Note|Reference|BibEntry|Code|Link|Annot|Ruby|RB|RT|RP|Warichu|WT|WP|Figure|Formula|Form"
)
LANGUAGE = re.compile("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
ENCODINGS = {"Identity-H", "Identity-V"}  # the others need not be known to a reader
GROUPS = {"Table", "THead", "TBody", "TFoot"}
STANDS_IN = {"TR": GROUPS, "TH": {"TR"}, "TD": {"TR"}, "LI": {"L"}, "LBody": {"LI"}} | {part: {"Table"} for part in GROUPS - {"Table"}}


def faults(content: bytes) -> list[str]:
    """Everything in which a file falls short; an empty list for one that passes."""
    pdf = Pdf(content)
    if not pdf.at(pdf.catalogue.get("StructTreeRoot")):
        return [*_head(pdf), "there is no structure tree", *_fonts(pdf)]
    return [*_head(pdf), *_structure(pdf), *_marked(pdf), *_annotations(pdf), *_fonts(pdf)]


def _head(pdf: Pdf) -> Iterator[str]:
    catalogue = pdf.catalogue
    marked = pdf.at(catalogue.get("MarkInfo")) or {}
    if marked.get("Marked") is not True:
        yield "the catalogue does not say that the file is tagged (MarkInfo)"
    if marked.get("Suspects") is True:
        yield "the tags are suspect"
    if not pdf.at(catalogue.get("Lang")):
        yield "the file names no language"
    yield from _language(pdf, catalogue)
    if (pdf.at(catalogue.get("ViewerPreferences")) or {}).get("DisplayDocTitle") is not True:
        yield "the window would not show the title"
    metadata = pdf.stream(catalogue["Metadata"]).decode() if "Metadata" in catalogue else ""
    if not re.search(r'pdfuaid:part(>1<|="1")', metadata):
        yield "the metadata does not claim PDF/UA-1"
    if not re.search(r"<dc:title>.*?<rdf:li[^>]*>[^<]*\S", metadata, re.DOTALL):
        yield "the metadata have no title"
    if any(isinstance(value, dict) and "Encrypt" in value for value in pdf.objects.values()):
        yield "the file is encrypted"


def elements(pdf: Pdf) -> Iterator[dict[str, Any]]:
    """The elements of the structure tree in reading order."""
    yield from _below(pdf, pdf.at(pdf.catalogue.get("StructTreeRoot")) or {})


def _below(pdf: Pdf, node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    kids = pdf.at(node.get("K", []))
    for kid in kids if isinstance(kids, list) else [kids]:
        found = pdf.at(kid)
        if isinstance(found, dict) and "S" in found:
            yield found
            yield from _below(pdf, found)


def _language(pdf: Pdf, whole: dict[str, Any]) -> Iterator[str]:
    named = (pdf.at(whole.get("Lang")) or b"").decode("utf-8", "replace")
    if named and not LANGUAGE.fullmatch(named):
        yield f"{named!r} is no language"


def _structure(pdf: Pdf) -> Iterator[str]:
    root = pdf.at(pdf.catalogue["StructTreeRoot"])
    roles = {key: value.text for key, value in (pdf.at(root.get("RoleMap")) or {}).items()}
    yield from (f"{kind} is given another meaning" for kind in roles if STANDARD.fullmatch(kind))
    level = 0
    for element in elements(pdf):
        kind = roles.get(element["S"].text, element["S"].text)
        yield from _element(pdf, element, kind, roles)
        if heading := re.fullmatch(r"H([1-6])", kind):
            if int(heading[1]) > level + 1:
                yield f"heading {kind} follows level {level}"
            level = int(heading[1])
    if not level:
        yield "there is no heading"


def _element(pdf: Pdf, element: dict[str, Any], kind: str, roles: dict[str, str]) -> Iterator[str]:
    if not STANDARD.fullmatch(kind):
        yield f"{kind} is no kind of element"
    yield from _language(pdf, element)
    above = pdf.at(element.get("P")) or {}
    if kind in STANDS_IN:
        holder = above["S"].text if "S" in above else "the root"
        if roles.get(holder, holder) not in STANDS_IN[kind]:
            yield f"{kind} stands in {holder}"
    if kind == "Figure" and not (pdf.at(element.get("Alt")) or pdf.at(element.get("ActualText"))):
        yield "a figure has no text beside it"
    if kind == "Note" and not element.get("ID"):
        yield "a note has no name"
    if kind == "TH" and not any("Scope" in pdf.at(one) for one in _listed(pdf, element.get("A"))):
        yield "the head of a table does not say what it heads"


def _listed(pdf: Pdf, value: Any) -> list[Any]:
    found = pdf.at(value)
    return found if isinstance(found, list) else [] if found is None else [found]


def _marked(pdf: Pdf) -> Iterator[str]:
    """Everything that is drawn belongs to an element or is an artifact, and every element's content is there."""
    parents = dict(_numbers(pdf, pdf.at(pdf.at(pdf.catalogue["StructTreeRoot"])["ParentTree"])))
    for number, page in enumerate(pdf.pages(), start=1):
        owned = pdf.at(parents.get(page.get("StructParents"), []))
        found: list[int] = []
        for operator, marks in drawing(pdf.stream(page["Contents"])):
            if operator in {"BDC", "BMC"}:
                yield from (f"page {number}: {fault}" for fault in _nested(marks))
                found += [marks[-1]] if isinstance(marks[-1], int) else []
            elif operator in SHOWS and not any(mark is not None for mark in marks):
                yield f"page {number}: {operator} draws something that is neither tagged nor an artifact"
        if len(found) != len(set(found)) or [place for place in found if place >= len(owned) or owned[place] is None]:
            yield f"page {number}: marked content belongs to no element"
        if [place for place, owner in enumerate(owned) if owner is not None and place not in found]:
            yield f"page {number}: an element's content is not drawn"


def _nested(marks: list[Any]) -> Iterator[str]:
    if marks[-1] == "artifact" and any(isinstance(mark, int) for mark in marks):
        yield "an artifact stands inside something tagged"
    if isinstance(marks[-1], int) and "artifact" in marks:
        yield "something tagged stands inside an artifact"


def _annotations(pdf: Pdf) -> Iterator[str]:
    parents = dict(_numbers(pdf, pdf.at(pdf.at(pdf.catalogue["StructTreeRoot"])["ParentTree"])))
    for number, page in enumerate(pdf.pages(), start=1):
        found = [pdf.at(one) for one in _listed(pdf, page.get("Annots"))]
        if found and page.get("Tabs") != Name("S"):
            yield f"page {number}: the tab order does not follow the structure"
        for one in found:
            what = one["Subtype"].text.lower()
            if one.get("StructParent") not in parents:
                yield f"page {number}: a {what} belongs to no element"
            if not pdf.at(one.get("Contents")):
                yield f"page {number}: a {what} has no words"


def drawing(stream: bytes) -> Iterator[tuple[str, list[Any]]]:
    """Every operator with the marks that are open at it: an MCID, ``artifact`` or None."""
    marks: list[Any] = []
    operands: list[Any] = []
    reader = tokens(stream)
    while True:
        try:
            value, _ = value_of(reader)
        except StopIteration:
            return
        if not isinstance(value, Word):
            operands.append(value)
            continue
        if value.text in {"BDC", "BMC"}:
            properties = operands[-1] if value.text == "BDC" else {}
            artifact = operands[0] == Name("Artifact")
            marks.append("artifact" if artifact else properties.get("MCID") if isinstance(properties, dict) else None)
        yield value.text, list(marks)
        if value.text == "EMC":
            marks.pop()
        operands = []


def _numbers(pdf: Pdf, node: dict[str, Any]) -> Iterator[tuple[int, Any]]:
    entries = pdf.at(node.get("Nums", []))
    yield from zip(entries[::2], entries[1::2], strict=True)
    for kid in node.get("Kids", []):
        yield from _numbers(pdf, pdf.at(kid))


def _fonts(pdf: Pdf) -> Iterator[str]:
    fonts = [value for value in pdf.objects.values() if isinstance(value, dict) and value.get("Type") == Name("Font")]
    if not fonts:
        yield "the file has no font"
    for font in fonts:
        name = font.get("BaseFont", Name("?")).text
        inner = font["Subtype"].text in {"CIDFontType0", "CIDFontType2"}
        if not inner and not ("ToUnicode" in font and re.search(rb"beginbf(char|range)", pdf.stream(font["ToUnicode"]))):
            yield f"the letters of {name} have no meaning (ToUnicode)"
        if font["Subtype"] == Name("CIDFontType2") and "CIDToGIDMap" not in font:
            yield f"the font {name} does not say which shape a letter has"
        if font["Subtype"] == Name("Type0") and not isinstance(font["Encoding"], Ref) and font["Encoding"].text not in ENCODINGS:
            yield f"the encoding {font['Encoding'].text} is not in the file"
        if "DescendantFonts" not in font:
            described = pdf.at(font.get("FontDescriptor", {}))
            if not any(isinstance(described.get(key), Ref) for key in ("FontFile", "FontFile2", "FontFile3")):
                yield f"the font {name} is not in the file"
