"""The words for what is stated of the archive."""

from collections.abc import Callable
from typing import Any

from protocol.statements import FileBound, FileTransferred, FixityChecked, Statement
from protocol.timeline.told import Issued, Told


def _bound(one: FileBound, _: Issued) -> Told:
    items, pages = len(one.items), sum(volume.pages for volume in one.volumes)
    zh = "、".join(volume.volume.zh for volume in one.volumes)
    en = ", ".join(volume.volume.en for volume in one.volumes)
    return Told(
        "案卷已装订，页码连续并经检查",
        "case file bound, page-numbered and checked",
        f"{one.archive_no}，{zh}，{items}件{pages}页，立卷人{one.compiler}，检查人{one.checker}",
        f"{one.archive_no}, {en}, {items} items, {pages} pages, compiled by {one.compiler}, "
        f"checked by {one.checker}",
    )


def _checked(one: FixityChecked, _: Issued) -> Told:
    bad = len(one.damaged) + len(one.missing)
    if bad:
        return Told(
            f"档案复核：{bad}个文件损坏或者缺失",
            f"fixity check: {bad} files damaged or missing",
            f"共读{len(one.checked)}个文件，损坏{len(one.damaged)}个，缺失{len(one.missing)}个",
            f"{len(one.checked)} read, {len(one.damaged)} damaged, {len(one.missing)} missing",
        )
    return Told(
        "档案复核：文件完好",
        "fixity check: files are whole",
        f"共读{len(one.checked)}个文件",
        f"{len(one.checked)} files read",
    )


def _transferred(one: FileTransferred, _: Issued) -> Told:
    return Told(
        "档案已移交",
        "files transferred",
        f"{len(one.files)}卷移交{one.receiver}，清单{one.list_no}",
        f"{len(one.files)} files to {one.receiver}, list {one.list_no}",
    )


TELLERS: dict[type[Statement], Callable[[Any, Issued], Told]] = {
    FileBound: _bound,
    FixityChecked: _checked,
    FileTransferred: _transferred,
}
