"""Large letters and strong contrast: two words in the address that last through links, problems, refusals and the receipt."""

from __future__ import annotations

import pytest
from counters import FULL, LAND, MANY, REVOKED
from flask.testing import FlaskClient
from proofreading import Page, proof_read

FILLED = {"stage": "on_time", "respondent": "citizen", "HL": "5"}
BOTH = "size=large&contrast=more"


def dress(source: str) -> str | None:
    return proof_read(source).select("html")[0].attrs.get("class")


def links(source: str) -> dict[str, str]:
    return {a.text.strip(): a.attrs["href"] for a in proof_read(source).select("a") if a.attrs["href"].startswith(("?", "/k/"))}


@pytest.mark.parametrize(
    ("query", "worn"),
    [
        ("", None),
        ("?size=large", "large"),
        ("?contrast=more", "strong"),
        (f"?{BOTH}", "large strong"),
        ("?size=huge&contrast=%22%3E", None),
        ("?size=large&size=x", "large"),
    ],
)
def test_the_address_switches(client: FlaskClient, query: str, worn: str | None) -> None:
    assert dress(client.get(f"/k/{LAND}{query}").text) == worn
    assert dress(client.get(f"/k/{LAND}").text) is None  # the page of one reader is not another's


def test_links_keep_what_was_switched_on(client: FlaskClient) -> None:
    found = links(client.get(f"/k/{MANY}?sector=land&lang=en&{BOTH}").text)
    assert found == {
        "Tiếng Việt": f"?sector=land&lang=vi&{BOTH}",
        "Normal letters": "?sector=land&lang=en&contrast=more",
        "Normal colours": "?sector=land&lang=en&size=large",
    }
    chosen = links(client.get(f"/k/{MANY}?size=large").text)
    assert chosen["Chữ thường"] == "?"
    assert "?sector=land&size=large" in chosen.values()


def test_the_way_keeps_it_to_the_receipt(client: FlaskClient) -> None:
    page = Page(client.get(f"/k/{FULL}?lang=en&{BOTH}").text)
    (form,) = page.select("form")
    assert form.attrs["action"] == f"?lang=en&{BOTH}&sent=1"
    address = f"/k/{FULL}{form.attrs['action']}"
    problems = client.post(address, data=page.fields()).text
    assert dress(problems) == "large strong"
    assert Page(problems).select("form")[0].attrs["action"] == f"?lang=en&{BOTH}&sent=2"
    assert links(problems) == {}  # a link would lead to a blank form
    thanks = client.post(address, data=page.fields() | FILLED).text
    assert dress(thanks) == "large strong"
    assert list(links(thanks).values()) == [f"/k/{FULL}?lang=en&{BOTH}"]
    assert dress(client.post(address, data={"ticket": "forged"}).text) == "large strong"


def test_a_refusal_is_shown_as_it_was_asked_for(client: FlaskClient) -> None:
    for address in (f"/k/{REVOKED}", "/k/nothing", "/no-such-page"):
        refused = client.get(f"{address}?{BOTH}").text
        assert dress(refused) == "large strong"
        assert links(refused)["Chữ thường"] == "?contrast=more"


def test_what_is_kept_for_going_back_is_private_and_a_refusal_is_not_kept(client: FlaskClient) -> None:
    form = client.get(f"/k/{LAND}")
    assert form.headers["Cache-Control"] == "private, no-cache"
    assert "script-src 'self'" in form.headers["Content-Security-Policy"]
    assert client.get(f"/k/{REVOKED}").headers["Cache-Control"] == "no-store"
    assert client.get("/no-such-page").headers["Cache-Control"] == "no-store"
    assert "script-src" not in client.get("/no-such-page").headers["Content-Security-Policy"]
    for path, kept in (("/t", True), (f"/k/{LAND}/card", True), ("/r", False), ("/y", False), ("/r/0000000000", False)):
        asked = client.get(path)
        assert (asked.headers["Cache-Control"] == "private, no-cache") is kept, path
        assert ('autocomplete="off"' in asked.text) is not kept, path
        if path.count("/") == 1 or kept:
            wrong = client.post(path, data={"code": "?"})
            assert (wrong.status_code, wrong.headers["Cache-Control"]) == (422, "private, no-cache" if kept else "no-store")
        assert "script-src" not in asked.headers["Content-Security-Policy"]
    ticket = Page(form.text).fields()["ticket"]
    assert client.post("/later", data={"ticket": ticket}).headers["Cache-Control"] == "private, no-cache"
    assert client.post("/later", data={"ticket": "forged"}).headers["Cache-Control"] == "no-store"
    assert "autocomplete" not in form.text  # off would make the browser forget what was answered
