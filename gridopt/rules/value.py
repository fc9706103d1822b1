"""What a setting is: a typed, documented choice with its clause and default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gridopt.cards import Card, as_html, as_text
from gridopt.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic._internal._model_construction import ModelMetaclass as _Meta
    from pydantic.fields import FieldInfo
else:
    _Meta = type(BaseModel)

DOCUMENT = (
    "《玉环市人民政府办公室关于玉环市基层统计网格化智治工作的指导意见》"
    "（玉政办发〔2022〕18号）"
)
"""The document whose clauses the settings interpret."""


class _InWords(_Meta):
    """Settings given by name are refused in words, all at once.

    Where pydantic makes settings within others it does not pass here: those are told
    by who made the outer ones.
    """

    if not TYPE_CHECKING:  # else a type checker would forget what settings take

        def __call__(cls, *unnamed: Any, **values: Any) -> Any:
            """Make the settings.

            Raises
            ------
            SettingError
                With every value that cannot be, or where one has no name.
            """
            # the words know what settings are; nobody needs them until then
            if unnamed:
                from gridopt.rules.wording import refuse_unnamed

                raise refuse_unnamed(cls)
            try:
                return super().__call__(**values)
            except ValidationError as fault:
                from gridopt.rules.wording import refuse_settings

                raise refuse_settings(cls, values, fault) from None


class Rules(BaseModel, metaclass=_InWords):
    """Base of every group of settings: frozen, typed, closed to unknown keys.

    The fields are made with `setting`, so each carries the clause of the policy
    that it interprets and the words a planner reads for it.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False
    )

    if not TYPE_CHECKING:  # else a type checker would let attributes be set

        def __setattr__(self, name: str, value: Any) -> None:
            """Refuse: settings are values.

            Raises
            ------
            InputError
                With how to get other ones.
            """
            own = type(self).__name__
            raise InputError(
                f"{own} 给出以后不能改。要改 {name}，请重新给出："
                f"{own}({name}={value!r}, …)。",
                f"{own} cannot be changed once it is given. For another {name} give it "
                f"anew: {own}({name}={value!r}, ...).",
            )

    def card(self) -> Card:
        """List every choice with its clause; those that are not the default say so."""
        choices = list_choices(self)
        n = sum(not choice["is_default"] for choice in choices)
        return Card(
            title=f"口径与选择（{type(self).__name__}）",
            brief=f"{len(choices)}项，其中{n}项不是默认值",
            facts=tuple(
                (
                    f"{choice['clause']} {choice['label']}",
                    choice["value_zh"] + ("" if choice["is_default"] else "（已改）"),
                )
                for choice in choices
            ),
        )

    def __str__(self) -> str:
        return as_text(self.card())

    def _repr_html_(self) -> str:
        return as_html(self.card())


def setting(
    default: Any,
    *,
    clause: str = "",
    label: str = "",
    doc: str = "",
    words: Mapping[str, str] | None = None,
    **limits: Any,
) -> Any:
    """Declare one setting of a `Rules` class.

    Parameters
    ----------
    default
        The value in force where a scenario is silent.
    clause
        Key of the policy clause it interprets (``"P5"``), empty where none.
    label
        What it is called in Chinese, in workbook and report.
    doc
        What it is called in English.
    words
        Accepted values with the Chinese words that a planner reads for them; the
        empty text stands for a value that is not set.
    **limits
        Bounds of the value, as pydantic takes them (``ge``, ``le`` …).

    Examples
    --------
    >>> class Toy(Rules):
    ...     target: int = setting(20, clause="P5", label="目标家数", ge=2)
    >>> Toy().target
    20
    """
    extra: dict[str, Any] = {"clause": clause, "label": label}
    if words:
        extra["words"] = dict(words)
    return Field(default, description=doc or label, json_schema_extra=extra, **limits)


def extra_of(field: FieldInfo) -> dict[str, Any]:
    """Return what `setting` says of a field beside its bounds: `clause, label, words`.

    Examples
    --------
    >>> class Toy(Rules):
    ...     target: int = setting(20, clause="P5", label="目标家数", ge=2)
    >>> extra_of(Toy.model_fields["target"])
    {'clause': 'P5', 'label': '目标家数'}
    """
    extra = field.json_schema_extra
    return extra if isinstance(extra, dict) else {}


def list_choices(rules: Rules, prefix: str = "") -> list[dict[str, Any]]:
    """List every setting that interprets a clause, with the value in force.

    Parameters
    ----------
    rules
        Any group of settings; groups inside it are listed with it.
    prefix
        Put before the name of each setting (``"money."``).

    Returns
    -------
    list of dict
        `clause, setting, label, value, is_default, value_zh`, in the order of the
        settings; `value` as a scenario would write it, `value_zh` as people read it.

    Examples
    --------
    >>> class Toy(Rules):
    ...     target: int = setting(20, clause="P5", label="目标家数", ge=2)
    >>> list_choices(Toy(target=15))[0]["is_default"]
    False
    """
    rows: list[dict[str, Any]] = []
    for name, field in type(rules).model_fields.items():
        value = getattr(rules, name)
        extra = extra_of(field)
        if isinstance(value, Rules):
            rows += list_choices(value, f"{prefix}{name}.")
        elif extra.get("clause"):
            rows.append(
                {
                    "clause": extra["clause"],
                    "setting": prefix + name,
                    "label": extra["label"],
                    "value": list(value) if isinstance(value, tuple) else value,
                    "is_default": value == field.get_default(),
                    "value_zh": _in_chinese(value, extra.get("words")),
                }
            )
    return rows


def _in_chinese(value: Any, words: Any) -> str:
    told = words if isinstance(words, dict) else {}
    chosen = "" if value is None else value
    if isinstance(chosen, str) and chosen in told:
        return str(told[chosen])
    if value is None:
        return "未设"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, dict):
        pairs = "；".join(
            f"{told.get(key, key)}：{each}" for key, each in value.items()
        )
        return pairs or "无"
    if isinstance(value, (tuple, list)):
        return "、".join(_entry(each, told) for each in value) or "无"
    return str(value)


def _entry(each: Any, told: Mapping[Any, str]) -> str:
    if isinstance(each, (tuple, list)):  # a pair, such as an enterprise and its grid
        return f"（{'，'.join(str(part) or '空' for part in each)}）"
    return str(told.get(each, each))
