"""django-rest-knox as its documentation sets it up, with Django's pool of connections: one view for the owner of a token."""

import os

import django
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict

database = conninfo_to_dict(os.environ["DATABASE_URL"])
settings.configure(
    SECRET_KEY="a benchmark",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    TIME_ZONE="UTC",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "knox"],
    REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": ["knox.auth.TokenAuthentication"],
                    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]},
    REST_KNOX={"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_TTL": None},
    DATABASES={"default": {
        "ENGINE": "django.db.backends.postgresql", "NAME": database["dbname"], "USER": database["user"], "HOST": database["host"],
        "PASSWORD": database["password"], "PORT": database["port"], "OPTIONS": {"pool": {"min_size": 4, "max_size": 8}}}},
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.permissions import IsAuthenticated  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.serializers import ModelSerializer  # noqa: E402
from rest_framework.views import APIView  # noqa: E402


class Profile(ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "email", "date_joined"]


class ProfileView(APIView):
    permission_classes = [IsAuthenticated]

    def get(self, request):
        return Response(Profile(request.user).data)


urlpatterns = [path("api/profile/", ProfileView.as_view())]
application = get_wsgi_application()

if __name__ == "__main__":
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
