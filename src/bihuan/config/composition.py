"""The one place that knows every app: what is on which page, and why."""

from datetime import time, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from bihuan.accounts import tasks as account_tasks
from bihuan.cases import queries as cases
from bihuan.cases import tasks as case_tasks
from bihuan.config.events import SUBJECTS as SUBJECTS
from bihuan.config.events import events
from bihuan.core.permissions import Permission
from bihuan.dossiers.importers import CONTACTS
from bihuan.dossiers.queries import dossiers_resting
from bihuan.enterprises.importers import ENTERPRISES
from bihuan.jobs.rules import Schedule
from bihuan.ledger import tasks as ledger_tasks
from bihuan.rounds import queries as rounds
from bihuan.rounds.importers import VISITS
from bihuan.safety.importers import HAZARDS
from bihuan.safety.rules import HAZARD
from bihuan.ui.frame import MenuItem
from bihuan.zones.queries import HandOver

WORK, SETUP = _("Work"), _("Setup")
MENU: tuple[MenuItem, ...] = (
    MenuItem(_("Cases"), "cases:list", Permission.CASE_READ, icon="checklist", group=WORK),
    MenuItem(
        _("Import"), "sheets:batches", Permission.SHEET_IMPORT, icon="table-import", group=SETUP
    ),
    MenuItem(
        _("Background work"), "jobs:list", Permission.JOB_OPERATE, icon="clock-play", group=SETUP
    ),
    MenuItem(_("Ledger"), "ledger:list", Permission.LEDGER_READ, icon="shield-check", group=WORK),
)
SCHEDULES = (
    Schedule("deadlines", case_tasks.sweep_deadlines, every=timedelta(hours=1)),
    Schedule("checkpoints", ledger_tasks.checkpoint_every_ledger, every=timedelta(hours=1)),
    Schedule("sweep", account_tasks.sweep, at=time(4, 30)),
    Schedule("verification", ledger_tasks.verify_every_ledger, at=time(3, 30)),
)
IMPORTERS = (ENTERPRISES, CONTACTS, VISITS, HAZARDS)  # what sheets may hold, in this order
KINDS = (HAZARD,)  # kinds of case, one declaration each, by domain
EVENTS = events(KINDS)  # the words of what the ledger records
# Who asks "is this file part of something I may see?"
FILE_HOLDERS = (cases.shows_file, rounds.shows_file)

HANDOVERS: tuple[HandOver, ...] = (dossiers_resting,)  # what a person hands over to leave
SEARCH_PAGE = "search:find"  # where the box at the top leads
ZONES_PAGE = "home:zones"  # where one goes over to another zone
OWN_PAGES = ((_("My account"), "accounts:mine"),)  # pages about the person themselves
DEMO_SIGN_INS: tuple[tuple[str, Any], ...] = ()  # sign-in name and post, shown where BIHUAN_DEMO=1
DEMO_PASSWORD = ""
