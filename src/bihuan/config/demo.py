"""`bihuan demo`: the demo made where it is missing, and served."""

from collections.abc import Callable, Iterator

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.config.serving import prepare, refuse_taken, run
from bihuan.core.composition import listed
from bihuan.demo.build import build

Say = Callable[[str], None]


def show(*, address: str, port: int, say: Say) -> None:
    """Bring the demo up to date, say where it is and who may sign in, and serve it."""
    refuse_taken(address, port)
    prepare()
    build(at=timezone.now(), password="".join(listed("DEMO_PASSWORD")), say=say)
    for line in welcome(address, port):
        say(line)
    run(address=address, port=port, workers=2, with_worker=True)


def welcome(address: str, port: int) -> Iterator[str]:
    """Yield what the person at the terminal needs to begin."""
    yield ""
    yield _("Bihuan's demo is at %(address)s") % {"address": f"http://{address}:{port}"}
    yield _("Everything in it is made up. Password of all: %(password)s") % {
        "password": "".join(listed("DEMO_PASSWORD"))
    }
    for name, post in listed("DEMO_SIGN_INS"):
        yield f"    {name:<24} {post}"
    yield _("Ctrl-C stops it; the next start is quick.")
    yield ""
