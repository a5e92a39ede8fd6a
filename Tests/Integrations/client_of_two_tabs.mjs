// Runs the client of docs/integrate.md as two tabs that share one store, with access tokens that are refused.
import assert from "node:assert";
import { Client } from "./client.mjs";

const { AUTH_API } = process.env;
const account = { email: `tab.${process.pid}@example.org`, password: "correct horse battery staple" };
const json = { "Content-Type": "application/json" };
await fetch(`${AUTH_API}/api/register/`, {
  method: "POST", headers: json, body: JSON.stringify({ ...account, password2: account.password }),
});

const values = new Map();
const store = { getItem: (key) => values.get(key) ?? null, setItem: (key, value) => values.set(key, value), removeItem: (key) => values.delete(key) };
const stored = () => JSON.parse(store.getItem("tokens"));
const [first, second] = [new Client(AUTH_API, store), new Client(AUTH_API, store)];
const profile = (client) => client.fetch(`${AUTH_API}/api/profile/`);
/** As if the access token had run out. */
const spoil = () => store.setItem("tokens", JSON.stringify({ ...stored(), access_token: "spoiled" }));

await assert.rejects(first.logIn(account.email, "not this one"), { code: "invalid_credentials" });
await first.logIn(account.email, account.password);
assert.equal((await profile(second)).status, 200);
for (let round = 0; round < 5; round++) {
  spoil();
  const answers = await Promise.all([first, second, first, second].map(profile));
  assert.deepEqual(answers.map((answer) => answer.status), [200, 200, 200, 200]);
  assert.notEqual(stored().access_token, "spoiled");
}
await first.logOut();
assert.equal(store.getItem("tokens"), null);

// Somebody ended the session elsewhere: the logout of this device forgets the tokens all the same.
await first.logIn(account.email, account.password);
const bearer = { Authorization: `Bearer ${stored().access_token}` };
assert.equal((await fetch(`${AUTH_API}/api/logoutall/`, { method: "POST", headers: bearer })).status, 204);
await assert.rejects(second.logOut(), { code: "invalid_token" });
assert.equal(store.getItem("tokens"), null);
