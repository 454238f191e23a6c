"""Programs of other systems that may ask for invitations."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ForeignKey, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from sipas.store.base import Base


class ApiClient(Base):
    """A one-stop system: its name, a keyed hash of its secret, and the branch of units that it may speak for."""

    __tablename__ = "api_client"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    secret_h: Mapped[bytes] = mapped_column(LargeBinary(32))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # it and everything below it
    revoked: Mapped[bool] = mapped_column(default=False)


def find_client(session: Session, name: str) -> ApiClient | None:
    """A client by its name."""
    return session.get(ApiClient, name)


def add_client(session: Session, client: ApiClient) -> ApiClient:
    """Store a client."""
    session.add(client)
    session.flush()
    return client


def list_clients(session: Session) -> Sequence[ApiClient]:
    """Every client, by name."""
    return session.scalars(select(ApiClient).order_by(ApiClient.name)).all()
