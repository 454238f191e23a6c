"""Open connections to an SQLite file, kept from one transaction to the next."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from sqlalchemy import Engine
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError as StoreError
from sqlalchemy.orm import Session

from sipas.store.direct import DRIVER, run


class Hand:
    """One connection: SQLAlchemy's, and the driver's beneath it, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.driver = cast("sqlite3.Connection", connection.connection.driver_connection)

    def session(self) -> Session:
        """A session that enters the hand's transaction when SQLAlchemy is first needed, which on the citizen's path is never."""
        return Session(self.connection, expire_on_commit=False, info={DRIVER: self.driver})

    def commit(self) -> None:
        """End a transaction that SQLAlchemy never entered; it has committed one that it entered."""
        if self.driver.in_transaction:
            run(self.driver, "COMMIT").close()


class Hands:
    """The connections that nobody holds just now; each is used by one thread at a time."""

    def __init__(self, engine: Engine, begin: str) -> None:
        self._engine = engine
        self._begin = begin
        self._free: list[Hand] = []

    @contextmanager
    def take(self, *, begun: bool = True) -> Iterator[Hand]:
        """A connection with a transaction begun; whatever was not committed is rolled back, and a broken one is thrown away."""
        try:
            hand = self._free.pop()
        except IndexError:
            hand = Hand(self._engine.connect())
        try:
            if begun:
                run(hand.driver, self._begin).close()
            yield hand
        finally:
            self._take_back(hand)

    def _take_back(self, hand: Hand) -> None:
        try:
            if hand.driver.in_transaction:
                run(hand.driver, "ROLLBACK").close()
        except StoreError:
            hand.connection.close()
            raise
        if hand.connection.invalidated:
            hand.connection.close()
        else:
            self._free.append(hand)

    def close(self) -> None:
        """Close those that nobody holds."""
        while self._free:
            self._free.pop().connection.close()
        self._engine.dispose()
