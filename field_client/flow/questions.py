"""The rows of an interview: put, answered, written anew, and what is proposed to ask.

talk = Talk([{"q": "姓名？", "a": "王芳。"}])
talk.write("做什么工作？"); talk.part          "a"
talk.write("店长。"); len(talk.rows)           2

Questions come from the law (identity, rights, recusal, truth: APL 43, 55) and from the form's
phrase guide; the office extends the guide with its forms.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Row = dict[str, str]

# What every interview opens with, and what is usually answered (handbook, section 4).
OPENING = (
    "我们是{agency}的行政执法人员{officers}，这是我们的执法证件，请你核对。看清楚了吗？",
    "现在依法向你询问有关情况。你有权陈述和申辩，有权核对笔录并要求更正。听明白了吗？",
    "你认为我们与本案有利害关系、可能影响公正执法的，可以申请回避。是否申请回避？",
    "你应当如实回答询问，不得拒绝、阻挠，提供虚假情况要承担法律责任。清楚了吗？",
)
CLOSING = (
    "你还有什么需要补充说明的？",
    "以上所说是否属实？",
)
ANSWERS = ("看清楚了。", "听明白了。", "不申请回避。", "清楚了。", "属实。", "没有补充。")


@dataclass
class Talk:
    """``part`` is what comes next; ``place`` is the row that is written anew, -1 for the next."""

    rows: list[Row] = field(default_factory=list)
    part: Literal["q", "a"] = "q"
    typed: str = ""
    place: int = -1

    @classmethod
    def of(cls, rows: list[Row], typed: str) -> Talk:
        """As it stood: a question without its answer is answered next."""
        open_row = bool(rows) and not rows[-1].get("a", "").strip()
        return cls(
            [{"q": row.get("q", ""), "a": row.get("a", "")} for row in rows],
            "a" if open_row else "q",
            typed,
        )

    def write(self, text: str) -> None:
        """What stands on the line goes into its row, and the next part is written."""
        words = text.strip()
        if not words:
            return
        self.typed = ""
        if self.place >= 0:
            self.rows[self.place][self.part] = words
            self.leave()
        elif self.part == "q":
            self.rows.append({"q": words, "a": ""})
            self.part = "a"
        else:
            self.rows[-1]["a"] = words
            self.part = "q"

    def open(self, place: int, part: Literal["q", "a"]) -> None:
        """Write a part of a row anew."""
        if 0 <= place < len(self.rows):
            self.place, self.part = place, part
            self.typed = self.rows[place][part]

    def leave(self) -> None:
        """Back to what comes next."""
        self.place, self.typed = -1, ""
        unanswered = bool(self.rows) and not self.rows[-1]["a"].strip()
        self.part = "a" if unanswered else "q"

    def drop(self, place: int) -> None:
        """A row goes."""
        if 0 <= place < len(self.rows):
            del self.rows[place]
        self.leave()

    def was_asked(self, question: str) -> bool:
        """Whether it was put already."""
        return any(row["q"] == question for row in self.rows)

    @property
    def answered(self) -> bool:
        """Whether there is something to sign: every question has its answer."""
        return bool(self.rows) and all(row["a"].strip() for row in self.rows)
