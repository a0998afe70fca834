"""What a fleet run refuses, each with its reason and its mend."""

from domain.errors import WattplanError
from domain.text import Text


class FleetQuestionChangedError(WattplanError):
    """A folder holds the answers to another question."""

    code = "fleet_question_changed"
    words = Text(
        en="{folder} holds answers to another question: {field} was {before}, now it is {now}. "
        "Choose another folder, or ask as before.",
        zh="{folder} 中是另一问题的结果：{field} 原为 {before}，现为 {now}。请更换文件夹，或按原问题继续。",
    )


class NoCustomersError(WattplanError):
    """No meter file was found."""

    code = "fleet_without_customers"
    words = Text(
        en="{place} holds no meter file (CSV, XLSX, either may be gzipped). Name a folder or a pattern.",
        zh="{place} 中没有电表文件（CSV、XLSX，可为 gzip 压缩）。请给出文件夹或通配符。",
    )


class FleetFolderBrokenError(WattplanError):
    """A file of a fleet folder is not what a run leaves there."""

    code = "fleet_folder_broken"
    words = Text(
        en="{path} is not what a fleet run leaves there. Choose another folder, or remove that file.",
        zh="{path} 不是批量预测留下的文件。请更换文件夹，或删除该文件。",
    )
