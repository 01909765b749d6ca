"""A Django site with Django's own sign-in: a session in a cookie, a CSRF token for each write."""

from functools import cache
from tempfile import TemporaryDirectory
from typing import Any

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path

from tests.session.ways import PEOPLE

FOLDER = TemporaryDirectory(prefix="django-site-")
FORM = '<form method="post">{% csrf_token %}{{ form.as_p }}</form>'
TEMPLATES = {"registration/login.html": FORM}
SEEN: list[dict[str, str]] = []
"""The cookies of each request for the things."""


def things(request: HttpRequest) -> HttpResponse:
    """Things for whoever has a session."""
    SEEN.append(dict(request.COOKIES))
    if not request.user.is_authenticated:
        return JsonResponse({"detail": "not signed in"}, status=401)
    return JsonResponse({"who": request.user.get_username()})


urlpatterns: list[Any] = [path("session/things", things)]
"""Django finds its own views by this name; `site` adds the sign-in, which needs the settings."""


@cache
def site() -> Any:
    """The site, with its accounts; a process has one, as Django's settings are global."""
    loaders = [("django.template.loaders.locmem.Loader", TEMPLATES)]
    engine = "django.template.backends.django.DjangoTemplates"
    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{FOLDER.name}/site.db"}
        },
        INSTALLED_APPS=[
            "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
        ],
        LOGIN_REDIRECT_URL="/session/things",
        LOGOUT_REDIRECT_URL="/accounts/login/",
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        ROOT_URLCONF=__name__,
        SECRET_KEY="x" * 50,
        TEMPLATES=[{"BACKEND": engine, "OPTIONS": {"loaders": loaders}}],
    )  # fmt: skip
    django.setup()
    urlpatterns.append(path("accounts/", include("django.contrib.auth.urls")))
    call_command("migrate", verbosity=0)
    for name, password in PEOPLE.items():
        get_user_model().objects.create_user(name, password=password)
    connections.close_all()
    return get_wsgi_application()
