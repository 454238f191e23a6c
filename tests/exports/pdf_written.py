"""A file's objects written out again, plainly, so that one of them can be bent before."""

from __future__ import annotations

from typing import Any

from tests.exports.pdf_objects import Name, Pdf, Ref


def written(pdf: Pdf) -> bytes:
    """The whole file: every object by itself, streams unpacked, no table of places (our reader needs none, others rebuild it)."""
    made = bytearray(b"%PDF-1.7\n")
    places: dict[int, int] = {}
    for number, value in sorted(pdf.objects.items()):
        if isinstance(value, dict) and value.get("Type") in (Name("ObjStm"), Name("XRef")):
            continue
        places[number] = len(made)
        made += f"{number} 0 obj\n".encode()
        if number in pdf.streams:
            kept = pdf.streams[number]
            plain = {key: inner for key, inner in value.items() if key not in {"Filter", "DecodeParms"}}
            made += spelt(plain | {"Length": len(kept)}) + b"\nstream\n" + kept + b"\nendstream"
        else:
            made += spelt(value)
        made += b"\nendobj\n"
    start, size = len(made), max(places) + 1
    made += f"xref\n0 {size}\n0000000000 65535 f \n".encode()
    made += b"".join(f"{places[n]:010d} 00000 n \n".encode() if n in places else b"0000000000 00000 f \n" for n in range(1, size))
    root = next(number for number, value in pdf.objects.items() if value is pdf.catalogue)
    tail = {"Size": size, "Root": Ref(root)} | ({"Encrypt": pdf.catalogue["Encrypt"]} if "Encrypt" in pdf.catalogue else {})
    return bytes(made) + b"trailer\n" + spelt(tail) + f"\nstartxref\n{start}\n%%EOF\n".encode()


def spelt(value: Any) -> bytes:
    """One value as it stands in a file."""
    if isinstance(value, dict):
        return b"<<" + b"".join(b"/" + key.encode() + b" " + spelt(inner) + b"\n" for key, inner in value.items()) + b">>"
    if isinstance(value, list):
        return b"[" + b" ".join(spelt(inner) for inner in value) + b"]"
    if isinstance(value, bytes):
        return b"<" + value.hex().encode() + b">"
    if value is None or isinstance(value, bool):
        return {None: b"null", True: b"true", False: b"false"}[value]
    if isinstance(value, Ref):
        return f"{value.number} 0 R".encode()
    return b"/" + value.text.encode() if isinstance(value, Name) else str(value).encode()
