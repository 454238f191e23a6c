"""A browser without a screen: it follows forms as a person does, token included."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Flask
from werkzeug.test import TestResponse

from sipas.terms import now
from sipas.web.officials.accounts import NewOfficial
from sipas.web.officials.signin.secrets import current_code

OWN = "một câu rất dễ nhớ 7"


class Browser:
    """Cookies are kept; each POST takes its token from the page that holds the form."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def get(self, address: str) -> TestResponse:
        return self.client.get(address)

    def post(self, address: str, form: str = "", **fields: str) -> TestResponse:
        page = self.client.get(form or address)
        return self.client.post(address, data={"csrf_token": token_of(page.text), **fields})

    def sign_in(self, account: str, password: str, **fields: str) -> TestResponse:
        return self.post("/officials/sign-in", account=account, password=password, **fields)

    def code(self, printed: NewOfficial, *, steps: int = 0) -> TestResponse:
        assert printed.totp_secret
        return self.post("/officials/code", code=current_code(printed.totp_secret, now() + timedelta(seconds=30 * steps)))

    def enter(self, printed: NewOfficial) -> None:
        """Sign in for the first time and choose a password."""
        assert self.sign_in(printed.account, printed.password).status_code == 303
        if printed.totp_secret:
            assert self.code(printed).status_code == 303
        assert self.post("/officials/password", old=printed.password, new=OWN, again=OWN).status_code == 303

    def enter_again(self, printed: NewOfficial) -> None:
        """Sign in with the password that was chosen, once a session has ended."""
        assert self.sign_in(printed.account, OWN).status_code == 303
        if printed.totp_secret:
            assert self.code(printed).status_code == 303

    def cookies(self) -> dict[str, str]:
        return {cookie.key: cookie.value for cookie in self.client._cookies.values()}


def token_of(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    return found[1] if found else ""
