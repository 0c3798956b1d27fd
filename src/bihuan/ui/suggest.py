"""Fields that propose values from a page as one types: a long list need not be in every page."""

from typing import Any

from django import forms


def suggesting(address: str, about: str) -> dict[str, str]:
    """Return the attributes of an <input>; about is the id of its <datalist>.

    The page at address is asked with the field's own name and answers with <option>s.
    """
    return {
        "list": about,
        "autocomplete": "off",
        "hx-get": address,
        "hx-trigger": "focus once, input changed delay:250ms",
        "hx-target": f"#{about}",
        "hx-swap": "innerHTML",
        "hx-push-url": "false",
    }


class Suggesting(forms.TextInput):
    """A text field with proposals; its form sets address."""

    input_type = "search"
    template_name = "ui/suggesting.html"
    address = ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        about = f"proposed-{context['widget']['attrs'].get('id', name)}"
        context["widget"]["attrs"] |= suggesting(self.address, about)
        context["about"] = about
        return context
