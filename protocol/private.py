"""What in a text is nobody's business: numbers, ways to reach people, homes, health, complainants.

    for start, end, ground in spans("电话１３８ １２３４ ５６７８"): …

The list is the handbook's (浙江省行政处罚结果信息网上公开暂行办法 5–7; SAMR45 5, 6; PIPL 28): home
addresses, contact details, identity numbers, bank accounts and health data of natural persons,
names of complainants, trade secrets. Whose they are makes no difference: an officer's private
telephone is found like anybody's. Names of other persons are known to whoever made the document
(``cutting.py``).

Found is what has a form or stands behind its own word. Full-width characters and the gaps that
people write into numbers are read as what they mean. What else is private, a person masks.

>>> [ground.zh for _, _, ground in spans("投诉人王小明来电，微信号wx_2026abc")]
['其他自然人姓名', '联系方式']
"""

import re
from collections.abc import Iterator

from protocol.vocabulary import Ground

Span = tuple[int, int, Ground]

_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}

# 18 characters with a plausible date of birth in the middle (GB 11643).
_ID_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"\d{3}[\dXx](?![0-9A-Za-z])"
)
_ID_NAMED = re.compile(
    r"(?:身份证|护照|通行证|居留证|军官证)(?:件)?(?:号码|编号|号)?[:为是]?\s*"
    r"((?=[A-Za-z0-9]{0,13}\d{5})[A-Za-z0-9]{6,18})(?![0-9A-Za-z])"
)
_PHONE = re.compile(
    r"(?<!\d)(?:(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}|0\d{2,3}[- ]\d{7,8})(?!\d)"
)
_PHONE_NAMED = re.compile(r"(?:电话|手机|座机)(?:号码|号)?[:为是]?\s*(\d{7,8})(?!\d)")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}")
_HANDLE = re.compile(r"(?:微信|QQ|qq|抖音|钉钉)(?:号码|号)?[:为是]?\s*([A-Za-z0-9_-]{5,30})")
_ACCOUNT = re.compile(r"(?<![0-9A-Za-z])\d{4}(?: ?\d{4}){3}(?: ?\d{1,3})?(?![0-9A-Za-z])")
_NAMED_ACCOUNT = re.compile(r"(?<=账号|账户|卡号)[:为是]?\s*\d[\d ]{6,30}\d")
# A home, not an organisation's seat (住所), which is part of what is published of it.
_HOME = re.compile(
    r"(?:家庭住址|家庭地址|现住址|住址|户籍所在地|户籍地址|户籍地|家住|现住|暂住|居住于|居住在)"
    r"[:为是于在]?\s*([^,。;!?，；！？、()（）\s]{4,60})"
)
_HEALTH = re.compile(
    r"患有|病历|病史|确诊|诊断为|住院治疗|怀孕|孕妇|艾滋|乙肝|精神障碍|残疾证|健康状况|血型|化验结果"
)
_TRADE_SECRET = re.compile(r"商业秘密|技术秘密|经营秘密|客户名单")
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕"
    "丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严"
    "覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒"
)
_COMPLAINANT = re.compile(
    r"(?:投诉举报人|投诉人|举报人|举报者|申诉人|信访人|控告人)[:为是]?\s*"
    rf"([{_SURNAMES}][\u4e00-\u9fff某×*]{{1,3}}?)"
    r"(?=[,。;、!?:()（），；：！？\s“”《]|于|向|在|称|反|来|提|投|举|电|的|与|和|及|说|表|认|要|$)"
)

_WHOLE: tuple[tuple[re.Pattern[str], Ground], ...] = (
    (_ID_NUMBER, Ground.ID_NUMBER),
    (_PHONE, Ground.CONTACT),
    (_MAIL, Ground.CONTACT),
    (_NAMED_ACCOUNT, Ground.BANK_ACCOUNT),
)
_NAMED: tuple[tuple[re.Pattern[str], Ground], ...] = (
    (_ID_NAMED, Ground.ID_NUMBER),
    (_PHONE_NAMED, Ground.CONTACT),
    (_HANDLE, Ground.CONTACT),
    (_HOME, Ground.HOME_ADDRESS),
    (_COMPLAINANT, Ground.NATURAL_PERSON),
)
"""Behind their own word; what is private is the part in the parentheses."""

_SENTENCES: tuple[tuple[re.Pattern[str], Ground], ...] = (
    (_HEALTH, Ground.HEALTH),
    (_TRADE_SECRET, Ground.TRADE_SECRET),
)
"""No part of a sentence that speaks of these can be told from the rest."""


def spans(text: str) -> Iterator[Span]:
    """Where something private stands in a sentence, and what it is. Spans may overlap."""
    read = text.translate(_NARROW)
    for pattern, ground in _SENTENCES:
        if pattern.search(read):
            yield 0, len(text), ground
    for pattern, ground in _WHOLE:
        for found in pattern.finditer(read):
            yield (*found.span(), ground)
    for pattern, ground in _NAMED:
        for found in pattern.finditer(read):
            yield (*found.span(1), ground)
    for found in _ACCOUNT.finditer(read):
        if _luhn(found.group().replace(" ", "")):
            yield (*found.span(), Ground.BANK_ACCOUNT)


def _luhn(digits: str) -> bool:
    """Whether a card number's check digit holds (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
