"""Accounts of the built server for the tests of docs/integrate.md."""
import itertools
import os

import requests

AUTH_API = os.environ["AUTH_API"]
PASSWORD = "correct horse battery staple"
numbers = itertools.count()


def post(path, token=None, **body):
    return requests.post(AUTH_API + path, json=body or None, headers={"Authorization": f"Bearer {token}"} if token else {}, timeout=10)


def signed_in():
    """The address and the tokens of somebody new."""
    email = f"jürgen+100%25.{os.getpid()}.{next(numbers)}@example.org"
    assert post("/api/register/", email=email, password=PASSWORD, password2=PASSWORD).status_code == 201
    return email, post("/api/auth/login/", email=email, password=PASSWORD).json()


def log_out(tokens):
    assert post("/api/logout/", tokens["access_token"]).status_code == 204


# What is no live access token, as values of Authorization.
REFUSED = [None, "Bearer", "Bearer x", "Bearer \u00fc", "Basic eDp5"]
