"""Problems and results as JSON and TOML.

The written form of a dataclass is a table of its fields; unknown and missing keys are
refused by name. A class with `from_plain`, `plain` and `schema` (such as Series) has a
written form of its own. `schema(cls)` is the published JSON Schema of the same form.
"""

import dataclasses
import datetime as dt
import enum
import hashlib
import json
import math
import tomllib
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from bihuan.engines.shape import BadProblem, Words

T = TypeVar("T")
HUGE = 10**300  # whole numbers from here on are slips, and some have no float


def read_file(path: Path) -> dict[str, Any]:
    """The table in a .json or .toml file; BadProblem where it is not one."""
    if not path.is_file():
        raise BadProblem("", Words(f"no such file: {path}", f"文件不存在：{path}"))
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = _from_json(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except ValueError as problem:  # not UTF-8, not JSON, not TOML
        raise BadProblem(
            "", Words(f"{path.name} cannot be read: {problem}", f"{path.name} 无法读取：{problem}")
        ) from problem
    if not isinstance(data, dict):
        raise BadProblem(
            "", Words(f"{path.name} must hold a table", f"{path.name} 内容必须是一个表")
        )
    return data


def _from_json(text: str) -> Any:
    """As TOML does, refuse a key that is given twice: the last would win unseen."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(pairs)
        if len(table) < len(pairs):
            keys = [key for key, _ in pairs]
            raise ValueError(f"{next(k for k in keys if keys.count(k) > 1)!r} is given twice")
        return table

    return json.loads(text, object_pairs_hook=once)


def read(cls: type[T], data: Any, *, base: Path | None = None) -> T:
    """A checked object from its written form; paths in it are relative to `base`."""
    made: T = _read(cls, data, base)
    return made


def plain(value: Any) -> Any:
    """The written form: only dict, list, str, int, float, bool and None. NaN becomes None."""
    if hasattr(value, "plain"):
        return value.plain()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {name: plain(getattr(value, name)) for name in value._fields}
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return _plain_leaf(value)


def _key(key: Any) -> str:
    return str(key.value if isinstance(key, enum.Enum) else key)


def _plain_leaf(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise TypeError(f"{type(value).__name__} has no written form")


def to_json(value: Any, *, indent: int | None = None) -> str:
    return json.dumps(plain(value), ensure_ascii=False, indent=indent)


def digest(value: Any) -> str:
    """SHA-256 of the canonical written form: the identity of a problem.

    A class with `fingerprint` (such as Series) gives a short stand-in for its long values.
    """
    text = json.dumps(_short(value), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _short(value: Any) -> Any:
    if hasattr(value, "fingerprint"):
        return value.fingerprint()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _short(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {_key(key): _short(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_short(item) for item in value]
    return plain(value)


# --- reading -----------------------------------------------------------------------------


def _read(kind: Any, data: Any, base: Path | None) -> Any:
    origin = typing.get_origin(kind)
    if kind is Any:
        return data
    if origin in (typing.Union, types.UnionType):
        return _read_union(kind, data, base)
    if origin is typing.Literal:
        return _one_of(typing.get_args(kind), data)
    if origin in (tuple, list):
        return _read_list(kind, data, base)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _read_mapping(kind, data, base)
    if hasattr(kind, "from_plain"):
        return kind.from_plain(data, base)
    if dataclasses.is_dataclass(kind):
        return _read_object(kind, data, base)
    return _read_leaf(kind, data)


def _read_object(kind: Any, data: Any, base: Path | None) -> Any:
    if isinstance(data, kind):
        return data
    if not isinstance(data, Mapping):
        raise BadProblem("", Words("must be a table", "必须是一个表"))
    hints = typing.get_type_hints(kind)
    fields = {f.name: f for f in dataclasses.fields(kind) if f.init}
    for name in data:
        if name not in fields:
            known = ", ".join(fields)
            raise BadProblem(
                str(name), Words(f"unknown; known are: {known}", f"无此项；可用项：{known}")
            )
    values = {}
    for name, field in fields.items():
        if name in data:
            values[name] = _inside(name, hints[name], data[name], base)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise _missing(name, field.metadata)
    return kind(**values)


def _missing(name: str, metadata: Any) -> BadProblem:
    told = "; ".join(filter(None, (metadata.get("doc"), metadata.get("unit"))))
    en, zh = (f" ({told})", f"（{told}）") if told else ("", "")
    return BadProblem(name, Words(f"is missing{en}", f"缺少此项{zh}"))


def _inside(name: str, kind: Any, data: Any, base: Path | None) -> Any:
    try:
        return _read(kind, data, base)
    except BadProblem as problem:
        raise problem.under(name) from problem


def _read_list(kind: Any, data: Any, base: Path | None) -> Any:
    if not isinstance(data, (list, tuple)):
        raise BadProblem("", Words("must be a list", "必须是列表"))
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is list or inner[-1] is Ellipsis:
        kinds: list[Any] = [inner[0]] * len(data)
    elif len(inner) != len(data):
        raise BadProblem("", Words(f"must have {len(inner)} items", f"必须有 {len(inner)} 项"))
    else:
        kinds = list(inner)
    pairs = zip(kinds, data, strict=True)
    return origin(_inside(f"[{i}]", k, item, base) for i, (k, item) in enumerate(pairs))


def _read_mapping(kind: Any, data: Any, base: Path | None) -> Any:
    if not isinstance(data, Mapping):
        raise BadProblem("", Words("must be a table", "必须是一个表"))
    keys, values = typing.get_args(kind)
    return {
        _inside(str(k), keys, k, base): _inside(str(k), values, v, base) for k, v in data.items()
    }


def _read_union(kind: Any, data: Any, base: Path | None) -> Any:
    """None where allowed; else the choice whose `kind` Literal matches; else the first that reads."""
    choices = [choice for choice in typing.get_args(kind) if choice is not type(None)]
    if data is None and len(choices) < len(typing.get_args(kind)):
        return None
    if len(choices) == 1:
        return _read(choices[0], data, base)
    if isinstance(data, Mapping) and "kind" in data:
        for choice in choices:
            if data["kind"] in typing.get_args(typing.get_type_hints(choice).get("kind")):
                return _read(choice, data, base)
    first: BadProblem | None = None
    for choice in choices:
        try:
            return _read(choice, data, base)
        except BadProblem as problem:
            first = first or problem
    assert first is not None
    raise first


def _one_of(allowed: tuple[Any, ...], data: Any) -> Any:
    if data not in allowed:
        said = ", ".join(map(str, allowed))
        raise BadProblem(
            "", Words(f"is {data!r}; must be one of: {said}", f"为 {data!r}，必须是：{said} 之一")
        )
    return data


KINDS = {
    float: Words("a number", "数字"),
    int: Words("a whole number", "整数"),
    str: Words("text", "文本"),
    bool: Words("true or false", "true 或 false"),
    dt.datetime: Words("a time, such as 2026-07-01T00:00", "时刻，如 2026-07-01T00:00"),
    dt.date: Words("a date, such as 2026-07-01", "日期，如 2026-07-01"),
    dt.time: Words("a time of day, such as 08:30", "时间，如 08:30"),
}
LONGEST = 60  # characters of a wrong value that are repeated


def _wrong_kind(kind: Any, data: Any) -> BadProblem:
    said, wanted = repr(data)[:LONGEST], KINDS.get(kind, Words(kind.__name__, kind.__name__))
    return BadProblem("", Words(f"is {said}; must be {wanted.en}", f"为 {said}，必须是{wanted.zh}"))


def _read_leaf(kind: Any, data: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind(_one_of(tuple(item.value for item in kind), getattr(data, "value", data)))
    if kind is np.ndarray:
        return _array(data)
    if kind is float and type(data) is int and abs(data) < HUGE:
        return float(data)
    if kind in (dt.datetime, dt.date, dt.time) and isinstance(data, str):
        try:
            return kind.fromisoformat(data)
        except ValueError as problem:
            raise _wrong_kind(kind, data) from problem
    wrong_bool = isinstance(data, bool) and kind is not bool
    wrong_date = kind is dt.date and isinstance(data, dt.datetime)
    if not isinstance(data, kind) or wrong_bool or wrong_date:
        raise _wrong_kind(kind, data)
    return data


def _array(data: Any) -> np.ndarray:
    try:
        return np.asarray(data, dtype=float)
    except (OverflowError, TypeError, ValueError) as problem:
        raise BadProblem(
            "", Words("must be numbers in rows of one length", "必须是数字，且各行长度一致")
        ) from problem


# --- the schema --------------------------------------------------------------------------


def schema(cls: Any) -> dict[str, Any]:
    """JSON Schema (2020-12) of a dataclass's written form."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_schema(cls)}


LEAVES: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    dt.date: {"type": "string", "format": "date"},
    dt.time: {"type": "string", "format": "time"},
    dt.datetime: {"type": "string", "format": "date-time"},
    np.ndarray: {"type": "array"},
    type(None): {"type": "null"},
    Any: {},
}


def _schema(kind: Any) -> dict[str, Any]:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if kind in LEAVES:
        return dict(LEAVES[kind])
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [_schema(choice) for choice in inner]}
    if origin is typing.Literal:
        return {"enum": list(inner)}
    if origin in (tuple, list):
        return _list_schema(origin, inner)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(inner[1])}
    if hasattr(kind, "schema"):
        own: dict[str, Any] = kind.schema()
        return own
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return {"enum": [item.value for item in kind]}
    return _object_schema(kind)


def _list_schema(origin: Any, inner: tuple[Any, ...]) -> dict[str, Any]:
    if origin is list or inner[-1] is Ellipsis:
        return {"type": "array", "items": _schema(inner[0])}
    return {"type": "array", "prefixItems": [_schema(item) for item in inner], "items": False}


def _object_schema(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    fields = [f for f in dataclasses.fields(kind) if f.init]
    required = [
        f.name
        for f in fields
        if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    ]
    return {
        "type": "object",
        "title": kind.__name__,
        "description": (kind.__doc__ or "").strip().split("\n")[0],
        "properties": {f.name: _schema(hints[f.name]) | _notes(f) for f in fields},
        "required": required,
        "additionalProperties": False,
    }


def _notes(field: "dataclasses.Field[Any]") -> dict[str, Any]:
    """Meaning, unit, limits and default of one field, as schema keywords."""
    notes: dict[str, Any] = {}
    meta = field.metadata
    if meta.get("doc"):
        notes["description"] = meta["doc"] + (f" [{meta['unit']}]" if meta.get("unit") else "")
    for key, keyword in (("low", "minimum"), ("high", "maximum"), ("above", "exclusiveMinimum")):
        if meta.get(key) is not None and field.type in (float, int, "float", "int"):
            notes[keyword] = meta[key]
    if field.default is not dataclasses.MISSING:
        notes["default"] = plain(field.default)
    return notes
