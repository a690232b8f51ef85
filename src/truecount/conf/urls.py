"""All addresses of the pages."""

from django.urls import include, path

urlpatterns = [path("", include("truecount.web.urls"))]
