"""A Config's fields in neutral words (`Setting`): what form, flags, help and documentation are made from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from workbench.contract.field_docs import field_docs
from workbench.contract.schema import Config
from workbench.contract.vocabulary import Basic, ChoicesOf, DataKind, InPaper, LongText, ModelKind, OneOf, PerArm, Unit

Kind = Literal["bool", "int", "float", "text", "long_text", "choice", "choices", "list", "model", "data"]


@dataclass(frozen=True)
class Setting:
    """One field in neutral words: no Gradio, no argparse.

    Attributes:
        kind: which widget fits; "choices" is a tuple of suggested values, "list" a tuple of anything.
        item: for tuples, the kind of one element.
        low, high: inclusive bounds; for exclusive ones `strict_low` / `strict_high` is set too.
        choices: what may be chosen; other values are allowed when `open`.
        optional: None ("leave it out") is allowed.
        required: the field has no default.
        role: for models the role, for data what a row must hold.
        per_arm: an arm may change it.
        rows, columns: of a data set, the record's class and the setting that takes its mapping, as `DataKind` says.
        choices_of: where its values are found in a data set.
        section: what it is about, as `Config.sections` says; "" for a basic setting.
    """

    name: str
    label: str
    help: str
    kind: Kind
    default: Any
    item: Kind | None = None
    low: float | None = None
    high: float | None = None
    strict_low: bool = False
    strict_high: bool = False
    choices: tuple[Any, ...] = ()
    open: bool = True
    optional: bool = False
    required: bool = False
    unit: str = ""
    basic: bool = False
    paper: InPaper | None = None
    role: str = ""
    per_arm: bool = False
    rows: str = ""
    columns: str = ""
    choices_of: ChoicesOf | None = None
    section: str = ""

    @property
    def allowed(self) -> str:
        """What the setting accepts, as the end of "must be ..."."""
        return _allowed(self)


def settings_of(config: type[Config]) -> list[Setting]:
    """Return the fields of `config` in declaration order.

    Raises:
        TypeError: a field has a type that no widget and no flag can carry (the contract test runs this on all engines).
    """
    docs = field_docs(config)
    fields = config.model_fields.items()
    about = {name: title for title, names in config.sections.items() for name in names.split()}
    return [
        replace(
            _setting(name, field, docs.get(name) or field.description or ""),
            label=config.titles.get(name) or name.replace("_", " ").capitalize(),
            section=about.get(name, ""),
        )
        for name, field in fields
    ]


def _setting(name: str, field: FieldInfo, doc: str) -> Setting:
    kind, inner, optional = _unwrap(field.annotation)
    marks = list(field.metadata) + inner
    found = {type(mark): mark for mark in marks}
    choices = get_args(kind) if get_origin(kind) is Literal else ()
    one_of = found.get(OneOf)
    role = getattr(found.get(ModelKind), "role", "") or getattr(found.get(DataKind), "record", "")
    default = None if field.default is PydanticUndefined else field.get_default(call_default_factory=True)
    required = field.is_required()
    return Setting(
        name=name,
        label=name,
        help=" ".join(doc.split()),
        kind=_kind(kind, found, tuple(one_of.values) if one_of else choices),
        default=default,
        item=_item(kind),
        low=_bound(marks, Ge, "ge", Gt, "gt"),
        high=_bound(marks, Le, "le", Lt, "lt"),
        strict_low=Gt in found,
        strict_high=Lt in found,
        choices=tuple(one_of.values) if one_of else choices or _item_choices(kind),
        open=one_of.open if one_of else not (choices or _item_choices(kind)),
        optional=optional,
        required=required,
        unit=getattr(found.get(Unit), "name", ""),
        basic=Basic in found,
        paper=found.get(InPaper),
        role=role,
        per_arm=PerArm in found,
        rows=getattr(found.get(DataKind), "rows", ""),
        columns=getattr(found.get(DataKind), "columns", ""),
        choices_of=found.get(ChoicesOf),
    )


def _unwrap(annotation: Any) -> tuple[Any, list[Any], bool]:
    """Strip Optional and Annotated: (plain type, marks found inside, whether None is allowed)."""
    marks: list[Any] = []
    optional = False
    while True:
        if hasattr(annotation, "__metadata__"):
            marks += list(annotation.__metadata__)
            annotation = annotation.__origin__
        elif get_origin(annotation) in (Union, UnionType) and NoneType in get_args(annotation):
            rest = [part for part in get_args(annotation) if part is not NoneType]
            if len(rest) != 1:
                raise TypeError(f"a setting may be one type or None, not {annotation}")
            annotation, optional = rest[0], True
        else:
            return annotation, marks, optional


_SCALARS: dict[Any, Kind] = {bool: "bool", int: "int", float: "float", str: "text"}


def _kind(kind: Any, found: Mapping[type, Any], choices: tuple[Any, ...]) -> Kind:
    if get_origin(kind) is tuple:
        return "choices" if choices or _item_choices(kind) else "list"
    for mark, named in ((ModelKind, "model"), (DataKind, "data"), (LongText, "long_text")):
        if mark in found:
            return named  # type: ignore[return-value]
    if choices:
        return "choice"
    if kind not in _SCALARS:
        raise TypeError(f"no widget and no flag can carry a setting of type {kind}")
    return _SCALARS[kind]


def _item(kind: Any) -> Kind | None:
    if get_origin(kind) is not tuple:
        return None
    element = _unwrap(get_args(kind)[0])[0]
    return "text" if get_origin(element) is Literal else _kind(element, {}, ())


def _item_choices(kind: Any) -> tuple[Any, ...]:
    if get_origin(kind) is not tuple:
        return ()
    element = _unwrap(get_args(kind)[0])[0]
    return get_args(element) if get_origin(element) is Literal else ()


def _bound(marks: list[Any], inclusive: type, attribute: str, exclusive: type, strict: str) -> float | None:
    for mark in marks:
        if isinstance(mark, inclusive):
            return getattr(mark, attribute)
        if isinstance(mark, exclusive):
            return getattr(mark, strict)
    return None


_NOUNS: dict[Kind, str] = {
    "bool": "yes or no",
    "int": "a whole number",
    "float": "a number",
    "text": "text",
    "long_text": "text",
    "model": "the name of a bundled model, a model folder or a hub id",
    "data": "the name of a bundled data set, an uploaded file, a file or a hub id",
    "choice": "a value",
    "choices": "values",
    "list": "values",
}


def _allowed(setting: Setting) -> str:
    many = setting.item is not None
    noun = f"a comma-separated list, each {_NOUNS[setting.item]}" if many and setting.item else _NOUNS[setting.kind]
    if setting.choices and not setting.open:
        listed = ", ".join(map(str, setting.choices))
        return f"a comma-separated list out of {listed}" if many else f"one of {listed}"
    parts = [noun]
    if setting.low is not None:
        parts.append(f"{'above' if setting.strict_low else 'at least'} {setting.low:.15g}")
    if setting.high is not None:
        parts.append(f"{'below' if setting.strict_high else 'at most'} {setting.high:.15g}")
    text = parts[0] + ("" if len(parts) == 1 else " " + " and ".join(parts[1:]))
    return text + (f" {setting.unit}" if setting.unit and not many else "") + (" or none" if setting.optional else "")
