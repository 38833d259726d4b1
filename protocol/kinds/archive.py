"""What is stated of the archive: a file bound into volumes, handed on, read again and again.

    FileBound(archive_no="20260001", items=[Filed(…)], volumes=[Volume(…)], …)     归档
    FixityChecked(checked=[…], damaged=[], missing=[], …)                        by the server
    FileTransferred(files=[…], receiver="云溪县档案馆", …)                           移交 (ARC-R 20)

Binding comes before sealing (*file archived*, ``office.py``): the sealed package holds the sheets
that this statement names. Looking into a file and destroying one stand in ``office.py``.
"""

import msgspec

from protocol.parts import BlobRef, Count, Day, Hex32, Long, Millis, Short, Statement, expect_days
from protocol.vocabulary import Retention, VolumeKind


class Filed(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a contents list (卷内目录): a document, a recording or a record without paper.
    ``record`` made it, ``blob`` is its file, if it has one; ``page`` is its first page within the
    volume, 0 where it has none."""

    volume: VolumeKind
    record: Hex32
    blob: Hex32 | None = None
    number: Short = ""
    author: Short
    title: Short
    on: Day
    page: Count = 0
    pages: Count = 0
    remark: Short = ""

    def __post_init__(self) -> None:
        expect_days(self.on)


class Volume(msgspec.Struct, frozen=True, kw_only=True):
    """A volume with its three sheets: cover (封面), contents list (卷内目录), remarks (备考表)."""

    volume: VolumeKind
    items: Count
    pages: Count
    cover: BlobRef
    contents: BlobRef
    remarks: BlobRef


class FileBound(Statement, frozen=True, kw_only=True, tag="file_bound"):
    """A case file was put in order, page-numbered and checked (AR-1; ARC 14), signed by the
    archivist who checked it: under which numbers (归档号, 全宗号, 目录号, 案卷号), how long it is
    kept (AR-2; ARC-R 19), what is in which volume. ``compiler`` is 立卷人, ``checker`` 检查人."""

    title: Short
    archive_no: Short
    fonds_no: Short = ""
    catalogue_no: Short = ""
    file_no: Short = ""
    unit: Short
    retention: Retention
    items: list[Filed]
    volumes: list[Volume]
    remarks: Long = ""
    compiler: Short
    checker: Short


class FixityChecked(Statement, frozen=True, kw_only=True, tag="fixity_checked"):
    """The server read stored files again from their first byte to their last: which it read since
    ``began_at``, how many bytes, which of them are not what their hash says, which are not there.
    ``damaged`` and ``missing`` are among ``checked``."""

    began_at: Millis
    size: Count
    checked: list[Hex32]
    damaged: list[Hex32] = msgspec.field(default_factory=list)
    missing: list[Hex32] = msgspec.field(default_factory=list)


class FileTransferred(Statement, frozen=True, kw_only=True, tag="file_transferred"):
    """Sealed files were handed to an archive (ARC-R 20): their packages, in the one file whose
    hash is ``package``; ``list_no`` numbers the list that went with them."""

    files: list[Hex32]
    receiver: Short
    list_no: Short
    package: Hex32
    on: Day

    def __post_init__(self) -> None:
        expect_days(self.on)
