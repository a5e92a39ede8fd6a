"""Runs the app of docs/integrate.md in FastAPI."""
import asyncio

import httpx
import orders
from people import REFUSED, log_out, signed_in


async def main():
    async with httpx.AsyncClient(transport=httpx.ASGITransport(orders.app), base_url="http://app") as client:
        async def ask(authorization):
            value = authorization.encode("latin-1") if authorization else b""
            return await client.get("/orders/", headers={"Authorization": value} if value else {})

        email, tokens = signed_in()
        bearer = "Bearer " + tokens["access_token"]
        assert (await ask(bearer)).json() == {"id": tokens["user"]["id"], "email": email}
        for authorization in REFUSED:
            answer = await ask(authorization)
            assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Bearer", (authorization, answer)
        log_out(tokens)
        assert (await ask(bearer)).status_code == 401
        orders.auth_api = httpx.AsyncClient(base_url="http://127.0.0.1:9", timeout=3)
        assert (await ask(bearer)).status_code == 503


asyncio.run(main())
