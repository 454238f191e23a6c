"""What a browser would send of a form as it stands."""

from __future__ import annotations

import re
from html import unescape


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields."""
    hidden = [tag for tag in re.findall(r"<input[^>]*>", page) if 'type="hidden"' in tag]
    pairs = [(re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in hidden]
    return {name[1]: unescape(value[1]) if value else "" for name, value in pairs if name}
