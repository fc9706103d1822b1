"""Where a planner names a scenario and says on what ground it stands, to keep it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gridopt.desk.errand import word_fault
from gridopt.desk.kit import load_kit
from gridopt.desk.panels import sentence
from gridopt.errors import InputError
from gridopt.scenario import write_scenario

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gridopt.scenario import Scenario

_WIDE = {"width": "98%", "max_width": "56em"}


class SaveForm:
    """File name, title, author and basis, and the button that writes the file.

    Parameters
    ----------
    base_file
        The scenario file that the new one extends; it is written beside it.
    base
        That scenario, read.
    choose
        Gives the scenario that the controls show.
    has_past
        Whether the desk starts from a previous plan, of which no scenario tells.
    is_shown
        Tells whether the results on the page are those of a scenario's settings.
    """

    def __init__(
        self,
        base_file: Path,
        base: Scenario,
        choose: Callable[[], Scenario],
        *,
        has_past: bool = False,
        is_shown: Callable[[Scenario], bool] = lambda _: True,
    ) -> None:
        kit = load_kit()
        self._has_past, self._is_shown = has_past, is_shown
        self._base_file, self._base, self._choose = base_file, base, choose
        self.name = kit.Text(
            description="文件名", placeholder="例如：每格十五家", layout=_WIDE
        )
        self.title = kit.Text(description="标题", layout=_WIDE)
        self.author = kit.Text(
            description="编制人", placeholder="单位或姓名", layout=_WIDE
        )
        self.basis = kit.Textarea(
            description="依据",
            placeholder="为什么这样选：条款、会议、数据……",
            rows=3,
            layout=_WIDE,
        )
        self.button = kit.Button(description="保存为情景文件", icon="save")
        self.button.on_click(self._save)
        self.message = kit.HTML()

    @property
    def view(self) -> Any:
        """The form as one widget."""
        kit = load_kit()
        boxes = [self.name, self.title, self.author, self.basis]
        return kit.VBox([*boxes, self.button, self.message])

    def _save(self, _button: object) -> None:
        try:
            path = self.write()
        except (Exception, KeyboardInterrupt) as error:
            told = f"没有保存：{word_fault(error)}"
            self.message.value = sentence(told, is_bad=True)
        else:
            told = f"已保存：{path.name}（只写与 {self._base_file.name} 不同之处）。"
            self.message.value = sentence(told + self._remark())

    def write(self) -> Path:
        """Write the scenario that the controls show; give the new file.

        Raises
        ------
        InputError
            Where something is missing, wrong or cannot be written.
        """
        name = self.name.value.strip().removesuffix(".yaml")
        scenario = replace(
            self._choose(),
            title=self.title.value.strip(),
            author=self.author.value.strip(),
            basis=self.basis.value.strip(),
            name=name,
        )
        self._refuse_silence(scenario)
        return write_scenario(scenario, self._base_file)

    def _refuse_silence(self, scenario: Scenario) -> None:
        """Refuse an unnamed author, and an old reason for a new pass rate."""
        money, before = scenario.money, self._base.money
        faults = []
        if not scenario.author:
            faults.append(("请写明编制人", "the author is missing"))
        is_new = money.pass_percent != before.pass_percent
        if is_new and money.pass_basis == before.pass_basis:
            zh = "预计合格率已改，其依据（经费一页“预计合格率的依据”）请一并改写"
            en = "the pass rate has changed: change its basis (pass_basis) too"
            faults.append((zh, en))
        if faults:
            raise InputError(
                "；".join(zh for zh, _ in faults) + "。",
                "; ".join(en for _, en in faults) + ".",
            )

    def _remark(self) -> str:
        """Say what the file does not hold."""
        told = ""
        if not self._is_shown(self._choose()):
            told += (
                "请注意：所保存的设置还没有测算，页面上的结果不是按这些设置得出的。"
                "These settings have not been run: the results shown are of others."
            )
        if self._base.register.file is None:
            told += (
                "名录不在情景文件中，没有写入；运行时请用 --register 给出名录。"
                "The register is not part of the file; give it by --register."
            )
        if self._has_past:
            told += (
                "上期方案不在情景文件中；运行时请用 --previous 给出。"
                "The previous plan is not part of the file; give it by --previous."
            )
        return told
