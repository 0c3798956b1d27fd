"""The one place that knows every app: what is on which page, and why."""

from datetime import time, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from bihuan.accounts import tasks as account_tasks
from bihuan.cases import actions as case_actions
from bihuan.cases import entries as case_entries
from bihuan.cases import panels as case_panels
from bihuan.cases import queries as cases
from bihuan.cases import tasks as case_tasks
from bihuan.cases.panels import CasePaper
from bihuan.config.events import SUBJECT_NAMES as SUBJECT_NAMES
from bihuan.config.events import SUBJECTS as SUBJECTS
from bihuan.config.events import events, fields
from bihuan.config.events import values as event_values
from bihuan.core.permissions import ROLES, Permission
from bihuan.dossiers import panels as dossiers
from bihuan.dossiers import queries as dossier_queries
from bihuan.dossiers.importers import CONTACTS
from bihuan.dossiers.models import DossierState, Risk
from bihuan.dossiers.rules import EVENT_FIELDS as DOSSIER_FIELDS
from bihuan.enterprises import entries as enterprise_entries
from bihuan.enterprises import panels as enterprises
from bihuan.enterprises.importers import ENTERPRISES
from bihuan.enterprises.models import DocumentKind, Sector
from bihuan.enterprises.queries import witness as enterprise_witness
from bihuan.enterprises.rules import FACT_NAMES, PERSONAL_FACTS
from bihuan.figures import tasks as figure_tasks
from bihuan.files import queries as files
from bihuan.home import queries as home
from bihuan.jobs import tasks as job_tasks
from bihuan.jobs.rules import Schedule
from bihuan.ledger import tasks as ledger_tasks
from bihuan.rounds import panels as round_panels
from bihuan.rounds import queries as rounds
from bihuan.rounds import tasks as round_tasks
from bihuan.rounds.panels import VisitPaper
from bihuan.safety import queries as safety
from bihuan.safety.importers import HAZARDS, INSPECTIONS
from bihuan.safety.rules import HAZARD
from bihuan.search import tasks as search_tasks
from bihuan.sheets.views import as_sheet
from bihuan.ui.frame import MenuItem
from bihuan.zones.queries import HandOver

WORK, SETUP = _("Work"), _("Setup")
MENU: tuple[MenuItem, ...] = (
    MenuItem(_("My work"), "home:mine", Permission.WORK, icon="inbox", group=WORK),
    MenuItem(_("Cockpit"), "home:cockpit", Permission.FIGURE_READ, icon="gauge", group=WORK),
    MenuItem(_("My round"), "rounds:mine", Permission.VISIT_RECORD, icon="route", group=WORK),
    MenuItem(
        _("Enterprises"), "enterprises:list", Permission.DOSSIER_READ, icon="building", group=WORK
    ),
    MenuItem(_("Rounds"), "rounds:list", Permission.ROUND_READ, icon="clipboard-list", group=WORK),
    MenuItem(_("Visits"), "rounds:visits", Permission.ROUND_READ, icon="walk", group=WORK),
    MenuItem(
        _("Excuses"), "rounds:excuses", Permission.ROUND_EXCUSE, icon="help-circle", group=WORK
    ),
    MenuItem(_("Cases"), "cases:list", Permission.CASE_READ, icon="checklist", group=WORK),
    MenuItem(
        _("Hazard ledger"), "safety:hazards", Permission.CASE_READ, icon="list-check", group=WORK
    ),
    MenuItem(
        _("Who answers"), "dossiers:contacts", Permission.CONTACT_READ, icon="users", group=WORK
    ),
    MenuItem(
        _("Documents"),
        "dossiers:documents",
        Permission.DOSSIER_READ,
        icon="certificate",
        group=WORK,
    ),
    MenuItem(_("Zone"), "zones:setup", Permission.ZONE_SETUP, icon="settings", group=SETUP),
    MenuItem(
        _("Import"), "sheets:batches", Permission.SHEET_IMPORT, icon="table-import", group=SETUP
    ),
    MenuItem(
        _("Background work"), "jobs:list", Permission.JOB_OPERATE, icon="clock-play", group=SETUP
    ),
    MenuItem(_("Ledger"), "ledger:list", Permission.LEDGER_READ, icon="shield-check", group=WORK),
)
SCHEDULES = (
    Schedule("figures", figure_tasks.roll_up_all, every=timedelta(hours=1)),
    Schedule("search", search_tasks.follow_every_ledger, every=timedelta(minutes=1)),
    Schedule("deadlines", case_tasks.sweep_deadlines, every=timedelta(hours=1)),
    Schedule("newcomers", round_tasks.join_newcomers, every=timedelta(minutes=10)),
    Schedule("checkpoints", ledger_tasks.checkpoint_every_ledger, every=timedelta(hours=1)),
    Schedule("sweep", account_tasks.sweep, at=time(4, 30)),
    Schedule("plans", job_tasks.count_for_plans, at=time(4, 45)),
    Schedule("verification", ledger_tasks.verify_every_ledger, at=time(3, 30)),
)
TASKS = {  # what background work is called, by what runs
    "bihuan.figures.tasks.roll_up_all": _("count the figures"),
    "bihuan.search.tasks.follow_every_ledger": _("bring the search up to date"),
    "bihuan.cases.tasks.sweep_deadlines": _("check deadlines and escalate"),
    "bihuan.rounds.tasks.join_newcomers": _("let newcomers join the open rounds"),
    "bihuan.rounds.tasks.write_out": _("write out the list of a round"),
    "bihuan.ledger.tasks.checkpoint_every_ledger": _("sign checkpoints of the ledgers"),
    "bihuan.ledger.tasks.verify_every_ledger": _("verify every ledger"),
    "bihuan.ledger.tasks.verify_ledger": _("verify the ledger"),
    "bihuan.accounts.tasks.sweep": _("clear away what has expired"),
    "bihuan.jobs.tasks.count_for_plans": _("count what the database chooses its ways by"),
    "bihuan.sheets.tasks.read_batch": _("read a sheet"),
    "bihuan.sheets.tasks.write_batch": _("write a sheet's rows"),
}
IMPORTERS = (ENTERPRISES, CONTACTS, INSPECTIONS, HAZARDS)  # what sheets may hold, in this order
KINDS = (HAZARD,)  # kinds of case, one declaration each, by domain
EVENTS = events(KINDS)  # the words of what the ledger records
# Who asks "is this file part of something I may see?"
FILE_HOLDERS = (
    cases.shows_file,
    rounds.shows_file,
    dossier_queries.shows_file,
    safety.shows_file,
)
VISIT_PAPERS = (
    VisitPaper(_("Inspection record"), "safety:record"),
    VisitPaper(_("Rectification notice"), "safety:notice", of_findings=True),
)
CASE_PAPERS = (
    CasePaper(
        _("Opinion on re-inspection"),
        "safety:opinion",
        after=frozenset({"verify", "reject", "fix_on_spot"}),
    ),
    CasePaper(
        _("Letter of transfer"),
        "safety:transfer",
        after=frozenset({"transfer"}),
        before=frozenset({"transfer"}),
    ),
)
CASE_PANELS = (round_panels.met_at,)  # what upper apps show on the page of a case
CHECKLIST_SETS = ((_("Take the supplied checklists into use"), "safety:load_checklists"),)

PANELS = {  # what stands on the page of a dossier, by its kind, from above to below
    "enterprise": dossiers.Panels(
        list_name=_("Enterprises"),
        list_page="enterprises:list",
        main=(
            enterprises.facts,
            case_panels.open_cases,
            round_panels.latest_visits,
            dossiers.documents,
            dossiers.later_history,
        ),
        side=(
            dossiers.who_answers,
            enterprises.people,
            dossiers.header,
            enterprises.sites,
            enterprises.tenancy,
        ),
    ),
}
DOCUMENT_KINDS = DocumentKind.choices
EVENT_FIELDS = {**fields(KINDS), **DOSSIER_FIELDS, **FACT_NAMES}  # the words of what an event tells
SEALED_FACTS = PERSONAL_FACTS  # changes of these are told without their values
VALUE_WORDS = {  # the words of codes that events tell
    **event_values(KINDS),
    **{code: words for it in (DossierState, Risk, Sector) for code, words in it.choices if code},
}
EVIDENCE = (files.opened,)  # what opens a stored file by its digest, to go with a bundle
FIRST_STEPS = home.FIRST_STEPS  # a new zone's way to its first round
HANDOVERS: tuple[HandOver, ...] = (
    dossier_queries.dossiers_resting,
    rounds.entries_resting,
    cases.cases_resting,
)  # what a person hands over to leave
WITNESSES = (  # what compares records with the ledger
    enterprise_witness.contradictions,
    rounds.contradictions,
    cases.contradictions,
    files.contradictions,
)
FOLLOWERS = (case_actions.follow_dossier,)  # what goes along when a dossier moves to a cell
CELL_HOLDERS = (dossier_queries.dossiers_in_cell,)  # what keeps a cell in use
SEARCH = (enterprise_entries.ENTERPRISES, case_entries.CASES)  # what can be found, in this order
LIST_WRITERS = (as_sheet,)  # what writes a list as a spreadsheet
SEARCH_PAGE = "search:find"  # where the box at the top leads
ZONES_PAGE = "home:zones"  # where one goes over to another zone
OWN_PAGES = ((_("My account"), "accounts:mine"),)  # pages about the person themselves
DEMO_SIGN_INS: tuple[tuple[str, Any], ...] = (  # sign-in name and post, shown where BIHUAN_DEMO=1
    ("gaoping.leader", ROLES["leader"].name),
    ("gaoping.safety", ROLES["safety_office"].name),
    ("gaoping.dept1", ROLES["department"].name),
    ("gaoping.grid1", ROLES["cell_leader"].name),
    ("gaoping.contact1a", ROLES["contact"].name),
    ("gaoping.platform", ROLES["platform"].name),
    ("gaoping.enterprise", ROLES["enterprise"].name),
    ("gaoping.auditor", ROLES["auditor"].name),
    ("gaoping.admin", ROLES["administrator"].name),
)
DEMO_PASSWORD = "bihuan-demo"  # noqa: S105  of a demo served on this machine only
