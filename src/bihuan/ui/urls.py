from django.conf import settings
from django.urls import path

from bihuan.ui import gallery, views

app_name = "ui"
urlpatterns = [path("language/<slug:code>/", views.language, name="language")]
if settings.DEBUG or settings.UI_GALLERY:
    urlpatterns.append(path("ui/", gallery.gallery, name="gallery"))
