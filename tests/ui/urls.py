"""The product's pages, and a few of the tests' own that use every part of the kit."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path

from bihuan.accounts.models import Person
from bihuan.config.urls import handler400, handler403, handler404, handler500, urlpatterns
from bihuan.core.refusals import Forbidden, Refused, Stale
from bihuan.ui import gallery
from bihuan.ui.forms import form_data, refuse, show_form
from bihuan.ui.once import once, sent_key
from bihuan.ui.pages import for_everyone_signed_in, open_to_strangers
from tests.ui.test_tables import PEOPLE

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

CARRIED_OUT: list[str] = []  # the id of each record the form below made


class NoteForm(forms.Form):
    """A form with a rule that only the action knows."""

    note = forms.CharField(label="Note")
    on = forms.DateField(label="Day", required=False)
    photo = forms.FileField(label="Photo", required=False)


@for_everyone_signed_in
@once
def note(request):
    form = NoteForm(*form_data(request))
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["note"] == "refused":
            refuse(form, Refused("Say it otherwise.", field="note"))
        elif form.cleaned_data["note"] == "refused as a whole":
            refuse(form, Refused("Not today."))
        else:
            CARRIED_OUT.append(str(sent_key(request)))
            messages.success(request, "Noted.")
            return redirect(f"/test/people/?q={len(CARRIED_OUT)}")
    return show_form(request, "test/note.html", {"form": form})


@for_everyone_signed_in
def people(request):
    return PEOPLE.page(request, Person.objects.all()).respond("test/people.html")


@open_to_strangers
def refusal(request, kind):
    raise {"refused": Refused, "forbidden": Forbidden, "stale": Stale}[kind]("Because <so>.")


@open_to_strangers
def fault(request):
    raise ZeroDivisionError


@open_to_strangers
def plain(request):
    return HttpResponse("plain")


urlpatterns = [
    *urlpatterns,
    path("test/kit/", gallery.gallery),
    path("test/note/", note),
    path("test/people/", people),
    path("test/refusal/<str:kind>/", refusal),
    path("test/fault/", fault),
    path("test/plain/", plain),
    path("test/people/<uuid:pk>/", plain, name="test-person"),
]
