"""What a settings mapping must hold: its keys, its values, and how to say so."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from gridopt.rules import Rules, dotted, errors_by_path, word_fault
from gridopt.scenario.layers import Complaint, KeyPath, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

AnyRules = TypeVar("AnyRules", bound=Rules)


@dataclass(frozen=True)
class Section:
    """One group of settings as the files spell it, and where its values stand.

    Attributes
    ----------
    values
        The mapping that is to become rules.
    places
        Where each value stands, by its key path in the file.
    as_written
        Turns a path inside the rules into the path in the file.
    elsewhere
        The dotted key under which a key of another section stands.
    """

    values: dict[str, Any]
    places: Mapping[KeyPath, Place]
    as_written: Callable[[KeyPath], KeyPath]
    elsewhere: Mapping[str, str]

    def place(self, path: KeyPath) -> Place:
        """Find the value's place, else that of the nearest thing around it."""
        written = self.as_written(path)
        for end in range(len(written), -1, -1):
            if (found := self.places.get(written[:end])) is not None:
                return found
        return next(iter(self.places.values()))


def fit_rules(
    model: type[AnyRules], section: Section
) -> tuple[AnyRules | None, list[Complaint]]:
    """Turn a mapping into rules, or say everything that is wrong with it.

    A plain number where a text is asked for (an edition, an id) is taken in the
    very digits it was written in; nothing else is converted.

    Returns
    -------
    tuple
        The rules (None where anything is wrong) and the complaints.
    """
    rules, errors = _try(model, section.values)
    if rules is None:
        as_texts = _with_numbers_as_written(section, errors)
        rules, errors = _try(model, as_texts)
    return rules, _complaints(model, section, errors)


def _try(
    model: type[AnyRules], values: dict[str, Any]
) -> tuple[AnyRules | None, dict[KeyPath, Any]]:
    # strict, as "20" is no number, 1 is no text and 0 is not false
    try:
        return model.model_validate(_as_tuples(values), strict=True), {}
    except ValidationError as error:
        return None, errors_by_path(values, error)


def _as_tuples(values: Any) -> Any:
    """Make tuples of a file's lists: what rules hold cannot change."""
    if isinstance(values, dict):
        return {key: _as_tuples(value) for key, value in values.items()}
    if isinstance(values, list):
        return tuple(_as_tuples(value) for value in values)
    return values


def _with_numbers_as_written(
    section: Section, errors: dict[KeyPath, Any]
) -> dict[str, Any]:
    values = json.loads(json.dumps(section.values))
    for path in errors:
        place = section.places.get(section.as_written(path))
        if path and place is not None and place.is_plain:
            holder = values
            for key in path[:-1]:
                holder = holder[key]
            # a key that is not in the file may have a place in a file below it
            value = holder[path[-1]] if path[-1] in _keys_of(holder) else None
            if isinstance(value, int | float) and not isinstance(value, bool):
                holder[path[-1]] = place.text
    return values


def _keys_of(holder: dict[str, Any] | list[Any]) -> Collection[str | int]:
    return holder if isinstance(holder, dict) else range(len(holder))


def _complaints(
    model: type[Rules], section: Section, errors: dict[KeyPath, Any]
) -> list[Complaint]:
    found = []
    for path, error in errors.items():
        is_absent = error["type"] == "missing" or not path
        place = section.place(path[:-1] if is_absent else path)
        words = word_fault(model, path, error, section.elsewhere)
        key = dotted(section.as_written(path))
        value = "" if is_absent else shown(_value_at(section.values, path), place)
        found.append(Complaint(place.file, place.line, key, value, *words))
    return found


def shown(value: Any, place: Place) -> str:
    """Show a value as it was written, shortened where it is long."""
    if isinstance(value, dict | list):
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = place.text
    return text if len(text) <= 60 else text[:57] + "…"


def _value_at(values: Any, path: KeyPath) -> Any:
    for key in path:
        is_there = isinstance(values, list) or key in values
        values = values[key] if is_there else None
    return values
