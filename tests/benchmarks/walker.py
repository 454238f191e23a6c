"""Citizens on loopback: GET the form, read its fields, answer at random, POST, read the thank-you page."""

from __future__ import annotations

import asyncio
import html
import random
import re
import time
from dataclasses import dataclass, field
from urllib.parse import urljoin
from uuid import uuid4

import aiohttp

FIELD = re.compile(r"<(?:form|input|textarea|button)\b[^>]*>", re.IGNORECASE)
ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')


@dataclass
class Tally:
    """What the citizens met; times in seconds."""

    walks: list[float] = field(default_factory=list)
    requests: list[float] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)


class Form:
    """The fields of the last form on a page; everything but hidden values is the same on each load."""

    def __init__(self, text: str) -> None:
        self.action, self.radios, self.hidden = "", {}, []
        for tag in FIELD.findall(text):
            attributes = {name.lower(): html.unescape(value) for name, value in ATTRIBUTE.findall(tag)}
            if tag[1:5].lower() == "form":
                self.action, self.radios, self.hidden = attributes.get("action", ""), {}, []
            elif attributes.get("type") == "radio":
                self.radios.setdefault(attributes["name"], []).append(attributes["value"])
            elif attributes.get("type") == "hidden":
                self.hidden.append(attributes["name"])
        self.values = {name: re.compile(rf'name="{re.escape(name)}"[^>]*?value="([^"]*)"') for name in self.hidden}

    def fill(self, text: str, mark: str, comment: str) -> dict[str, str]:
        answers = {name: random.choice(values) for name, values in self.radios.items()}
        for name, pattern in self.values.items():
            answers[name] = html.unescape(pattern.search(text)[1])
        return {**answers, comment: mark}


async def walk(url: str, form: Form, tally: Tally, comment: str) -> None:
    mark, begun = f"mark-{uuid4().hex}", time.perf_counter()
    connector = aiohttp.TCPConnector(limit=1)
    async with aiohttp.ClientSession(connector=connector, headers={"Accept-Encoding": "gzip"}) as session:
        async with session.get(url) as reply:
            text = await reply.text()
            reply.raise_for_status()
        middle = time.perf_counter()
        async with session.post(urljoin(url, form.action or url), data=form.fill(text, mark, comment)) as reply:
            thanks = await reply.text()
            reply.raise_for_status()
    ended = time.perf_counter()
    if "Cảm ơn" not in thanks:
        raise RuntimeError("no thank-you page")
    tally.marks.append(mark)
    tally.walks.append(ended - begun)
    tally.requests += [middle - begun, ended - middle]


async def citizens(url: str, *, clients: int, seconds: float, comment: str) -> Tally:
    """Let ``clients`` citizens answer one after the other for ``seconds``; a failure is counted by its kind."""
    async with aiohttp.ClientSession() as session, session.get(url) as reply:
        form = Form(await reply.text())
    tally, end = Tally(), time.perf_counter() + seconds

    async def one() -> None:
        while time.perf_counter() < end:
            try:
                await walk(url, form, tally, comment)
            except Exception as error:  # noqa: BLE001 -- every failure is counted
                name = f"{type(error).__name__}: {error}"[:80]
                tally.failures[name] = tally.failures.get(name, 0) + 1

    await asyncio.gather(*(one() for _ in range(clients)))
    return tally


def run(url: str, *, clients: int, seconds: float, comment: str) -> Tally:
    return asyncio.run(citizens(url, clients=clients, seconds=seconds, comment=comment))


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
