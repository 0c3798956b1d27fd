"""Finding the row of headings, and which column is which."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from bihuan.core.refusals import Refused
from bihuan.sheets.rules.cells import Reader
from bihuan.sheets.rules.reading import Cell, Row

_LONGEST_FIRST = 12  # letters of the first heading of a table
SEARCHED = 30  # headings stand within the first so many rows
SERIAL = frozenset({"序号", "no", "no.", "序"})
PLAIN_PARTS = frozenset({"姓名", "名称", "名字"})  # below 主要负责人 they say nothing more
Words = str | Promise


BARE_PHONES = frozenset(
    {"电话", "手机", "手机号", "手机号码", "联系电话", "联系方式", "电话号码", "联系电话号码"}
)
_PERSON = re.compile(r".*(人|人员|员|长|干部|领导|经理|总监|代表)(姓名)?")
_POST = frozenset({"职务", "职务职称", "职位"})
_AND_PHONE = re.compile(
    r"(.+?)(?:姓名)?(?:及其?|和|与)(?:联系)?(?:电话(?:号码)?|手机号?码?|方式|号码)"
)
_OF_SEVERAL = re.compile(r"(.+?)[1-9一二三]")
_LATIN = re.compile(r"^(?!.*(mail|web|gps|ip))[a-z][a-z().'\s]*\s", re.I)  # Company Name 企业名称
_EXACT = 100  # what is not quite the heading comes after all that are


@dataclass(frozen=True)
class Column:
    """A fact a sheet may hold: its name, its heading and the other headings it goes by.

    The earlier of synonyms is taken where a sheet has several; like is a pattern for where it
    has none. beside names the people whose telephone this is. ticked are the words that may
    each be a column, with a tick in the rows they are true of.
    """

    name: str
    label: Words
    read: Reader
    synonyms: tuple[str, ...] = ()
    required: bool = False
    example: str = ""
    like: str = ""
    beside: tuple[str, ...] = ()
    ticked: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """The headings of an importer: their columns, and how near each is to the first choice."""

    words: Mapping[str, tuple[str, int]]
    phones: Mapping[str, str]  # of people, by the column of their name
    ticked: Mapping[str, tuple[str, str]]
    like: Mapping[str, re.Pattern[str]]
    required: frozenset[str]  # names of columns

    @classmethod
    def of(cls, columns: Sequence[Column]) -> "Known":
        words: dict[str, tuple[str, int]] = {}
        for column in columns:
            for rank, key in enumerate(keys_of(column)):
                words[key] = (column.name, rank)
        return cls(
            words,
            {person: column.name for column in columns for person in column.beside},
            {_key(word): (it.name, said) for it in columns for word, said in it.ticked.items()},
            {it.name: re.compile(it.like) for it in columns if it.like},
            frozenset(it.name for it in columns if it.required),
        )

    def column(self, heading: str) -> tuple[str, int] | None:
        """Return the column of a heading and its rank, or None."""
        key = _key(heading)
        if key in self.words:
            return self.words[key]
        both = _AND_PHONE.fullmatch(key)
        if both and (found := self.words.get(both[1])) and found[0] in self.phones:
            return found[0], found[1] + _EXACT
        for part in (*re.split(r"[/／或]", heading), _LATIN.sub("", heading)):
            if found := self.words.get(_key(part)):
                return found[0], found[1] + _EXACT
        return None

    def tick(self, heading: str) -> tuple[str, str] | None:
        """Return the column and the word that a ticked column of this heading stands for."""
        return self.ticked.get(re.sub("^(是否|是不是)?(涉及|属于|为)?", "", _key(heading)))


@dataclass(frozen=True)
class Layout:
    """Where things are: the first and last heading row (from 0), column places, the heading of each
    place, those not taken over, and where the rows are numbered (None: nowhere).

    further are more places of a column (执法人员1, 执法人员2), ticked the places of its words;
    year is the only one named above the headings, or else in the name of the sheet or the file.
    """

    known: Known
    top: int
    heading_row: int
    places: dict[str, int]
    headings: tuple[str, ...]
    ignored: tuple[str, ...]
    serial: int | None = None
    further: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    ticked: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    year: int | None = None


def find(rows: Sequence[Row], columns: Sequence[Column], names: Sequence[str] = ()) -> Layout:
    """Return the layout of a sheet from its first rows; names are those of the sheet and the file.

    The headings are the first row, or two rows with merged cells, that look like it, else those
    that name the most known columns. Raises Refused naming the required headings that are
    missing, and what was found; or where the same headings stand twice, side by side.
    """
    known = Known.of(columns)
    searched = rows[:SEARCHED]
    if not searched:
        raise Refused(_("The sheet is empty."))
    block, last = _block(rows, _likeliest(searched, known), known)
    places = _places(block, known, alike=True)
    readings = _readings(block)
    headings = tuple(_said(it, known) for it in readings)
    missing = [str(c.label) for c in columns if c.required and c.name not in places]
    if missing or not places:
        raise Refused(_not_found(missing, headings if places else _fullest(rows)))
    if len(block) == 1 and _is_doubled(headings, places, known):
        raise Refused(
            _("Two tables stand side by side. Put one below the other and send it again.")
        )
    further, ticked = _further(readings, places, known), _ticked(readings, places, known)
    serial = next((n for n, it in enumerate(headings) if it.lower() in SERIAL), None)
    taken = {serial, *places.values(), *chain.from_iterable((*further.values(), *ticked.values()))}
    ignored = [it for n, it in enumerate(headings) if it and n not in taken]
    top = last + 1 - len(block)
    year = _only_year(rows[:top], names)
    left_out = tuple(dict.fromkeys(ignored))
    return Layout(known, top, last, places, headings, left_out, serial, further, ticked, year)


def _likeliest(rows: Sequence[Row], known: Known) -> int:
    """Return the first row that is mostly headings, half as many as any row has, or else the
    row that has the most: a second table may stand below with more."""
    found = [_places([row], known) for row in rows]
    most = max(map(len, found))
    for number, (row, places) in enumerate(zip(rows, found, strict=True)):
        filled = sum(map(bool, map(_text, row)))
        likely = 2 * len(places) > filled and 2 * len(places) >= most
        if likely and places.keys() >= known.required:
            return number
    return max(range(len(rows)), key=lambda number: len(found[number]))


def starts_table(row: Row, layout: Layout) -> bool:
    """Say whether a row below holds other headings: those of another table.

    Quick where it does not: headings begin with a number or a known word.
    """
    first = next((cell for cell in row if cell is not None and cell != ""), None)
    if not isinstance(first, str) or len(first) > _LONGEST_FIRST or first[0].isdigit():
        return False
    known = layout.known
    if _key(first) not in SERIAL and known.column(first) is None:
        return False
    places = _places([row], known, alike=True)
    filled = sum(map(bool, map(_text, row)))
    return 2 * len(places) > filled and places.keys() >= known.required


def _is_doubled(headings: Sequence[str], places: Mapping[str, int], known: Known) -> bool:
    """Say whether the same headings stand twice, those of a required column among them."""
    twice = {it for it in headings if it and headings.count(it) > 1}
    return len(twice) > 1 and any(headings[places[name]] in twice for name in known.required)


def _block(rows: Sequence[Row], best: int, known: Known) -> tuple[list[Row], int]:
    """Return the rows of headings around the best one, and the number of the last."""
    alone = _told([rows[best]], known)
    options = []
    if best + 1 < len(rows):
        repeats = _repeats(rows[best], rows[best + 1], known)
        gained = _told([rows[best], rows[best + 1]], known) - alone
        options.append((gained + repeats, [rows[best], rows[best + 1]], best + 1))
    if best > 0:
        gained = _told([rows[best - 1], rows[best]], known) - alone
        options.append((gained, [rows[best - 1], rows[best]], best))
    value, block, last = max(options, key=lambda it: it[0], default=(0, [], 0))
    return (block, last) if value > 0 else ([rows[best]], best)


def _told(block: Sequence[Row], known: Known) -> int:
    """Return how many columns and ticked words these headings name."""
    places = _places(block, known)
    return len(places) + sum(map(len, _ticked(_readings(block), places, known).values()))


def _repeats(upper: Row, lower: Row, known: Known) -> int:
    """Return how many headings stand again in the row below: merged over both."""
    return sum(
        _key(a) in known.words and _key(a) == _key(b) for a, b in zip(upper, lower, strict=False)
    )


def _readings(block: Sequence[Row]) -> list[tuple[str, ...]]:
    """Return, for each place, how its heading can be read, the most exact reading first.

    A heading merged over several columns names those below it too: 主要负责人 over 联系电话.
    """
    if len(block) < 2:
        return [(_text(cell),) for row in block for cell in row]
    upper, lower = block
    found: list[tuple[str, ...]] = []
    group = ""
    for place in range(max(len(upper), len(lower))):
        above = _text(upper[place]) if place < len(upper) else ""
        below = _text(lower[place]) if place < len(lower) else ""
        group = above or group
        if not below or below == above:
            found.append((above,))
        elif _key(below) in PLAIN_PARTS:
            found.append((group + below, group, below))
        else:
            found.append((group + below, below))
    return found


def _places(block: Sequence[Row], known: Known, *, alike: bool = False) -> dict[str, int]:
    """Return where each column stands: under the heading that comes first among its own."""
    ranked: dict[str, tuple[int, int]] = {}
    readings = _readings(block)
    for place in range(len(readings)):
        if found := _column_at(readings, place, known):
            ranked[found[0]] = min((found[1], place), ranked.get(found[0], (found[1], place)))
    places = {name: place for name, (_rank, place) in ranked.items()}
    if alike:
        for name, like in known.like.items():
            taken = set(places.values())
            alike_at = (
                place
                for place, words in enumerate(readings)
                if place not in taken and any(like.fullmatch(_key(it)) for it in words)
            )
            if name not in places and (free := next(alike_at, None)) is not None:
                places[name] = free
    return places


def _column_at(
    readings: Sequence[tuple[str, ...]], place: int, known: Known
) -> tuple[str, int] | None:
    """Return the column of a place; a bare 电话 is of the person to its left."""
    found = next(filter(None, map(known.column, readings[place])), None)
    if found is None or not place or _key(readings[place][-1]) not in BARE_PHONES:
        return found
    if known.column(readings[place][0]) not in (None, found) or found[0] in known.phones:
        return found
    left = place - 2 if _key(readings[place - 1][-1]) in _POST and place > 1 else place - 1
    person = _column_at(readings, left, known)
    if person and person[0] in known.phones:
        return known.phones[person[0]], found[1]
    words = map(_key, readings[left])
    return None if any(_PERSON.fullmatch(it) for it in words) else found


def _further(
    readings: Sequence[tuple[str, ...]], places: dict[str, int], known: Known
) -> dict[str, tuple[int, ...]]:
    """Find the columns of one fact that are numbered: 执法人员1, 执法人员2. Places is completed."""
    further: dict[str, tuple[int, ...]] = {}
    for place, (whole, *_others) in enumerate(readings):
        stem = _OF_SEVERAL.fullmatch(_key(whole))
        found = known.words.get(stem[1]) if stem else None
        if not found or place in places.values():
            continue
        if places.setdefault(found[0], place) != place:
            further[found[0]] = (*further.get(found[0], ()), place)
    return further


def _ticked(
    readings: Sequence[tuple[str, ...]], places: Mapping[str, int], known: Known
) -> dict[str, dict[int, str]]:
    ticked: dict[str, dict[int, str]] = {}
    for place, words in enumerate(readings):
        found = next(filter(None, map(known.tick, words)), None)
        if found and place not in places.values():
            ticked.setdefault(found[0], {})[place] = found[1]
    return ticked


def _only_year(rows: Sequence[Row], names: Sequence[str]) -> int | None:
    """Return the year that the titles name, or else a name, where it is but one."""
    said = " ".join(_text(cell) for row in rows for cell in row)
    for told in (re.findall(r"(20\d\d)\s*[年.\-/]", said), *map(_YEAR.findall, names)):
        if told:
            return int(told[0]) if len(set(told)) == 1 else None
    return None


_YEAR = re.compile(r"(?<!\d)(20\d\d)(?=年|$)")


def _said(readings: Sequence[str], known: Known) -> str:
    """Return a heading as it was understood, or in full where it was not."""
    return next((it for it in readings if _key(it) in known.words), readings[0])


def _not_found(missing: Sequence[str], row: Sequence[Cell]) -> str:
    """Say which headings are wanted, and which stand where headings were looked for."""
    words = [_text(cell)[:20] for cell in row if _text(cell)]
    if not words:
        return _("The sheet is empty.")
    return _(
        "These headings were not found: %(missing)s. Found were: %(found)s. Rename the columns "
        "so, or choose what the sheet holds anew."
    ) % {"missing": "、".join(missing), "found": "、".join(words[:12])}


def _fullest(rows: Sequence[Row]) -> Row:
    """Return the row with the most cells filled among the first ones: the likely headings."""
    return max(rows[:SEARCHED], key=lambda row: sum(map(bool, map(_text, row))), default=())


def is_heading(row: Row, layout: Layout) -> bool:
    """Say whether a row below is the heading again, as printed on every page."""
    places = list(layout.places.values())
    if not _is_same(row, layout, places[0]):
        return False
    same = sum(_is_same(row, layout, place) for place in places)
    return same >= max(2, len(places) // 2)


def _is_same(row: Row, layout: Layout, place: int) -> bool:
    return place < len(row) and _key(row[place]) == _key(layout.headings[place])


def keys_of(column: Column) -> list[str]:
    """Return the headings of a column as they are compared, the first choice first."""
    return [_key(it) for it in (str(column.label), column.name, *column.synonyms)]


def _text(cell: Cell) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def _key(cell: Cell) -> str:
    """Return a heading as it is compared: no spaces, notes in brackets, stars or colons."""
    if cell is None:
        return ""
    plain = unicodedata.normalize("NFKC", str(cell))
    plain = re.sub(r"[(（\[【].*?[)）\]】]", "", plain)
    return re.sub(r"[\s*:：、/_\-]", "", plain).lower()
