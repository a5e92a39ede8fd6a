// Runs the middleware of docs/integrate.md in Node's own server, whose requests and responses Express hands on.
import assert from "node:assert";
import http from "node:http";
import { person } from "./person.mjs";

const { AUTH_API } = process.env;
const json = { "Content-Type": "application/json" };
const ask = async (path, body) =>
  (await fetch(AUTH_API + path, { method: "POST", headers: json, body: JSON.stringify(body) })).json();

async function serve(authAPI) {
  const middleware = person(authAPI);
  const server = http.createServer((request, response) => middleware(request, response, () => response.end(JSON.stringify(request.person))));
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const get = (authorization) => fetch(`http://127.0.0.1:${server.address().port}/`, { headers: authorization ? { authorization } : {} });
  return { server, get };
}

const account = { email: `zoë+100%25.${process.pid}@example.org`, password: "correct horse battery staple" };
const user = await ask("/api/register/", { ...account, password2: account.password });
const tokens = await ask("/api/auth/login/", account);
const bearer = `Bearer ${tokens.access_token}`;
const { server, get } = await serve(AUTH_API);
assert.deepEqual(await (await get(bearer)).json(), { id: user.id, email: account.email });
for (const [authorization, code] of [[null, "missing_token"], ["Bearer x", "invalid_token"], ["Bearer ü", "invalid_token"]]) {
  const answer = await get(authorization);
  assert.equal(answer.status, 401);
  assert.match(answer.headers.get("WWW-Authenticate"), /^Bearer/);
  assert.equal((await answer.json()).code, code);
}
await fetch(`${AUTH_API}/api/logout/`, { method: "POST", headers: { authorization: bearer } });
assert.equal((await get(bearer)).status, 401);
const down = await serve("http://127.0.0.1:9");
assert.equal((await down.get(bearer)).status, 503);
for (const each of [server, down.server]) each.close();
process.exit(0);
