"""Runs the class of docs/integrate.md in Django."""
import settings as page
from django.conf import settings

settings.configure(
    SECRET_KEY="test", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework"],
    **{name: value for name, value in vars(page).items() if name.isupper()})

import django

django.setup()
from django.test import Client
from django.urls import path
from people import REFUSED, log_out, signed_in
from rest_framework.response import Response
from rest_framework.views import APIView


class Orders(APIView):
    def get(self, request):
        return Response({"id": request.user.id, "email": request.user.email})


urlpatterns = [path("orders/", Orders.as_view())]
client = Client()


def ask(authorization):
    return client.get("/orders/", headers={"Authorization": authorization} if authorization else {})


def main():
    email, tokens = signed_in()
    bearer = "Bearer " + tokens["access_token"]
    assert ask(bearer).json() == {"id": tokens["user"]["id"], "email": email}, ask(bearer).content
    for authorization in REFUSED + ["Bearer " + tokens["refresh_token"]]:
        answer = ask(authorization)
        assert answer.status_code == 401 and answer["WWW-Authenticate"].startswith("Bearer"), (authorization, answer)
    log_out(tokens)
    assert ask(bearer).status_code == 401
    settings.AUTH_API = "http://127.0.0.1:9"
    assert ask(bearer).status_code == 503


if __name__ == "__main__":
    main()
