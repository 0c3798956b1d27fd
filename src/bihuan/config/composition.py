"""The one place that knows every app: what is on which page, and why."""

from typing import Any

from bihuan.ui.frame import MenuItem

MENU: tuple[MenuItem, ...] = ()
SEARCH_PAGE = "search:find"  # where the box at the top leads
OWN_PAGES: tuple[tuple[Any, str], ...] = ()  # pages about the person themselves: words, page
