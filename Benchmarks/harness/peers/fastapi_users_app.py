"""fastapi-users as its documentation sets it up, with its database strategy over SQLAlchemy: one view for the owner of a token."""

import asyncio
import os
import uuid
from datetime import datetime

from fastapi import Depends, FastAPI
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport
from fastapi_users.authentication.strategy.db import DatabaseStrategy
from fastapi_users_db_sqlalchemy import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from fastapi_users_db_sqlalchemy.access_token import SQLAlchemyAccessTokenDatabase, SQLAlchemyBaseAccessTokenTableUUID
from sqlalchemy import DateTime, func
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(SQLAlchemyBaseUserTableUUID, Base):
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class AccessToken(SQLAlchemyBaseAccessTokenTableUUID, Base):
    pass


class Profile(schemas.BaseUser[uuid.UUID]):
    created_at: datetime


class Manager(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
    pass


engine = create_async_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://"), pool_size=8, max_overflow=0)
new_session = async_sessionmaker(engine, expire_on_commit=False)


async def session():
    async with new_session() as opened:
        yield opened


async def users(opened=Depends(session)):
    yield Manager(SQLAlchemyUserDatabase(opened, User))


async def strategy(opened=Depends(session)):
    yield DatabaseStrategy(SQLAlchemyAccessTokenDatabase(opened, AccessToken), lifetime_seconds=365 * 86_400)


backend = AuthenticationBackend("database", BearerTransport("login"), strategy)
current_user = FastAPIUsers[User, uuid.UUID](users, [backend]).current_user(active=True)
app = FastAPI()


@app.get("/api/profile/")
async def profile(user: User = Depends(current_user)) -> Profile:
    return Profile.model_validate(user)


async def create_tables():
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


if __name__ == "__main__":
    asyncio.run(create_tables())
