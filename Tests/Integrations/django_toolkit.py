"""Runs django-oauth-toolkit, as it is, with the settings of docs/integrate.md."""
import time

import toolkit_settings as page
from django.conf import settings

settings.configure(
    SECRET_KEY="test", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, USE_TZ=True,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "oauth2_provider"],
    **{name: value for name, value in vars(page).items() if name.isupper()})

import django

django.setup()
from django.core.management import call_command
from django.test import Client
from django.urls import path
from people import REFUSED, log_out, signed_in
from rest_framework.response import Response
from rest_framework.views import APIView


class Orders(APIView):
    def get(self, request):
        return Response(request.user.get_username())


urlpatterns = [path("orders/", Orders.as_view())]
client = Client()


def ask(authorization):
    return client.get("/orders/", headers={"Authorization": authorization} if authorization else {})


def main():
    call_command("migrate", verbosity=0)
    email, tokens = signed_in()
    bearer = "Bearer " + tokens["access_token"]
    assert ask(bearer).json() == email, ask(bearer).content
    for authorization in REFUSED:
        assert ask(authorization).status_code == 401, authorization
    log_out(tokens)
    # The smallest time that works is a second, and so long a token is believed.
    time.sleep(1.1)
    assert ask(bearer).status_code == 401


if __name__ == "__main__":
    main()
