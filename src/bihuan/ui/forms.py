"""Every form looks the same: labels, help, errors at the field and in a summary.

The renderer is set by FORM_RENDERER, so allauth's forms and ours share one template.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from bihuan.core.refusals import Refused

_BOX = (forms.CheckboxInput,)
_LISTS = (forms.CheckboxSelectMultiple, forms.RadioSelect)


class BoundField(forms.BoundField):
    """A field with our looks: the kit's classes, native dates, and what its template asks."""

    def __init__(self, form: forms.BaseForm, field: forms.Field, name: str) -> None:
        super().__init__(form, field, name)
        _make_native(field.widget)

    @property
    def is_box(self) -> bool:
        return isinstance(self.field.widget, _BOX)

    @property
    def is_file(self) -> bool:
        return isinstance(self.field.widget, forms.FileInput)

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: forms.Widget | None = None
    ) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        css = _css(widget or self.field.widget)
        if css:
            own = (widget or self.field.widget).attrs.get("class", "")
            attrs["class"] = f"{css} {own}".strip()
        return attrs


class Renderer(DjangoTemplates):
    """Draws forms with ui/fields.html and ui/field.html."""

    form_template_name = "ui/fields.html"
    field_template_name = "ui/field.html"
    bound_field_class = BoundField


def _css(widget: forms.Widget) -> str:
    if isinstance(widget, _LISTS):
        return "bh-choices"
    if isinstance(widget, _BOX):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


def _make_native(widget: forms.Widget) -> None:
    """Use the browser's own date fields; they speak ISO whatever the page's language."""
    if isinstance(widget, forms.DateTimeInput):
        widget.input_type, widget.format = "datetime-local", "%Y-%m-%dT%H:%M"
    elif isinstance(widget, forms.DateInput):
        widget.input_type, widget.format = "date", "%Y-%m-%d"


def refuse(form: forms.BaseForm, refused: Refused) -> None:
    """Show an action's refusal at the field it is about, or above the form."""
    known = refused.field if refused.field in form.fields else None
    form.add_error(known, str(refused.message))


EVIDENCE = "image/jpeg,image/png,image/heic,image/webp,.pdf,.docx,.xlsx,.doc,.xls"  # what to offer


class ManyFilesInput(forms.ClearableFileInput):
    """Several files at once, with previews."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class ManyFiles(forms.FileField):
    """Some files. Cleans to a list, in the order they were chosen."""

    widget = ManyFilesInput

    def __init__(self, *args: Any, most: int = 20, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most = most
        if most == 1:
            self.widget.attrs.pop("multiple", None)

    def clean(self, data: Any, initial: Any = None) -> Any:
        given = [it for it in (data if isinstance(data, list | tuple) else [data]) if it]
        if not given:
            super().clean(None, initial)
            return []
        if len(given) > self.most:
            raise forms.ValidationError(
                _("At most %(most)s files at once; send the others afterwards."),
                params={"most": self.most},
            )
        return [super(ManyFiles, self).clean(it, initial) for it in given]


def form_data(request: HttpRequest) -> tuple[Any, Any] | tuple[None, None]:
    """Return what to bind a form to: the sent data and files, or nothing on a first look."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def typed(request: HttpRequest, name: str) -> str:
    """Return what was sent in a field that no form has checked; no database stores a NUL."""
    return request.POST.get(name, "").replace("\0", "").strip()


def whole_number(text: str) -> int | None:
    """Return the number that an address or a hidden field carries; None for anything else."""
    is_number = text.isascii() and text.isdigit() and len(text) < 19
    return int(text) if is_number else None


def show_form(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """Render a page with context["form"]; 422 when what was sent needs mending."""
    status = 422 if context["form"].errors else 200
    return keep_typed(render(request, template, context, status=status))


def keep_typed(response: HttpResponse) -> HttpResponse:
    """Let the browser give back what was typed into a page when one returns to it.

    Other pages of who is signed in are not stored at all.
    """
    response["Cache-Control"] = "private, no-cache"
    return response
