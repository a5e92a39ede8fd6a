"""Text whose normal form is dear: combining marks, wherever a request has text, up to the limit of the place."""

import base64
import os

from experiments.hostile.wire import JSON, Attack, Section, bearer, post, request

FIELD, BODY, QUERY = 7900, 15800, 2632
FORM = (b"Content-Type", b"application/x-www-form-urlencoded")
LOGIN, PROFILE, SESSIONS, INTROSPECT = b"/api/auth/login/", b"/api/profile/", b"/api/sessions/", b"/api/auth/introspect/"
SETTINGS = {"TRUSTED_PROXIES": "127.0.0.1/32", "CORS_ALLOWED_ORIGINS": "https://app.example.org"}


def marks(octets):
    """So many octets of marks in the order that normalisation turns round."""
    return ("\u0301" * (octets // 4) + "\u0334" * (octets // 4)).encode()


def letters(octets):
    return b"a" * (octets // 4 * 4)


def percent(octets):
    return b"".join(b"%%%02X" % octet for octet in octets)


def some_email():
    return os.urandom(8).hex().encode() + b"@example.org"


def in_bodies():
    def login(text, json):
        return post(LOGIN, json % text(BODY))

    def device(text):
        return post(LOGIN, b'{"email":"%b","password":"x","name":"%b"}' % (some_email(), text(BODY)))

    def registration(text):
        return post(b"/api/register/", b'{"email":"a","password":"%b","password2":"%b"}' % (text(BODY // 2), text(BODY // 2)))

    def many(text):
        return post(LOGIN, b"{" + b",".join(b'"%d%b":1' % (number, text(BODY // 64)) for number in range(60)) + b"}")

    yield "name of a JSON member", lambda text: login(text, b'{"%b":1}')
    yield "names of 60 JSON members", many
    yield "JSON, e-mail address", lambda text: login(text, b'{"email":"%b","password":"x"}')
    yield "JSON, password", lambda text: login(text, b'{"email":"a","password":"%b"}')
    yield "JSON, name of the device", device
    yield "JSON, both passwords of a registration", registration
    yield "JSON, refresh token", lambda text: post(b"/api/auth/refresh/", b'{"refresh_token":"%b"}' % text(BODY))


def in_fields():
    def get(path, name, value):
        return request(b"GET", path, (name, value))

    def basic(value):
        return request(b"POST", INTROSPECT, FORM, (b"Authorization", b"Basic " + value), body=b"token=x")

    def preflight(text):
        origin = (b"Origin", b"https://app.example.org")
        return request(b"OPTIONS", PROFILE, origin, (b"Access-Control-Request-Method", text(FIELD)))

    yield "Content-Type", lambda text: request(b"POST", LOGIN, (b"Content-Type", text(FIELD)), body=b"{}")
    yield "Authorization, scheme", lambda text: get(PROFILE, b"Authorization", text(FIELD) + b" x")
    yield "Authorization, scheme, verify", lambda text: get(b"/api/auth/verify/", b"Authorization", text(FIELD) + b" x")
    yield "Authorization, Bearer", lambda text: get(PROFILE, b"Authorization", b"Bearer " + text(FIELD))
    yield "Authorization, Basic", lambda text: basic(text(FIELD))
    yield "Authorization, Basic, id of the client", lambda text: basic(base64.b64encode(text(5800) + b":x"))
    yield "Access-Control-Request-Method", preflight
    yield "Connection", lambda text: get(PROFILE, b"Connection", text(FIELD))
    yield "Host", lambda text: get(b"/livez", b"Host", text(FIELD))
    for name in [b"Origin", b"User-Agent", b"X-Request-Id", b"X-Forwarded-For", b"Expect", b"Cookie"]:
        yield name.decode(), lambda text, name=name: request(b"POST", LOGIN, JSON, (name, text(FIELD)), body=b"{}")


def in_targets(token):
    def get(target, method=b"GET"):
        return request(method, target, bearer(token))

    yield "query, name", lambda text: get(SESSIONS + b"?%b=1" % percent(text(QUERY)))
    yield "query, value", lambda text: get(SESSIONS + b"?cursor=" + percent(text(QUERY)))
    yield "path, parameter", lambda text: get(SESSIONS + percent(text(QUERY)) + b"/", b"DELETE")
    yield "path", lambda text: get(b"/api/" + percent(text(QUERY)))


def parameters(token):
    """Many in one query, beside one that is as long."""
    def get(query):
        return lambda _: request(b"GET", SESSIONS + b"?" + query, bearer(token))

    yield Attack("query ?a&a&a…", get(b"a&" * (FIELD // 2)), get(letters(FIELD)))
    yield Attack("query ?limit=0&limit=0…", get(b"limit=0&" * (FIELD // 8)), get(letters(FIELD)))


def attacks(service):
    service.register("text@example.org")
    token = service.log_in("text@example.org")["access_token"]
    places = [*in_bodies(), *in_fields(), *in_targets(token)]
    return [
        *[Attack(name, lambda _, build=build: build(marks), lambda _, build=build: build(letters)) for name, build in places],
        *parameters(token),
    ]


PARAMETERS = f"{BODY} octets of a body, {FIELD} of a field or target; harmless: letters"
SECTIONS = [Section("text", "CPU ms a request", PARAMETERS, SETTINGS, attacks)]
