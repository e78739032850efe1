"""What pydantic finds, said so that a clerk can act on it, with "did you mean"."""

from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from shared.programme.marks import Finding, Path, Said

_WRONG_TYPE = {
    "string_type": Said("应是文字", "must be text"),
    "int_type": Said("应是整数", "must be a whole number"),
    "int_from_float": Said("应是整数", "must be a whole number"),
    "decimal_type": Said("应是数字", "must be a number"),
    "decimal_parsing": Said("应是数字", "must be a number"),
    "bool_type": Said("应是 true 或 false", "must be true or false"),
    "bool_parsing": Said("应是 true 或 false", "must be true or false"),
    "date_type": Said("应是日期", "must be a date"),
    "date_parsing": Said("应是日期", "must be a date"),
    "date_from_datetime_parsing": Said("应是日期", "must be a date"),
    "time_type": Said("应是时刻", "must be a time of day"),
    "time_parsing": Said("应是时刻", "must be a time of day"),
    "tuple_type": Said("应是列表", "must be a list"),
    "model_type": Said("应是一组“名字: 值”", "must be a group of `name: value`"),
    "model_attributes_type": Said("应是一组“名字: 值”", "must be a group of `name: value`"),
    "time_zone": Said("没有这个时区", "no such time zone"),
    "share": Said("应是比例", "must be a share"),
    "fraction": Said("应是大于 0、不超过 1 的分数", "must be a fraction above 0, at most 1"),
    "year_day": Said("应是存在的“月-日”", "must be a day of the year that exists"),
}
_REMEDY = {
    "int_type": Said("写阿拉伯数字，不加引号，如 15", "write digits without quotes, such as 15"),
    "int_from_float": Said("写整数，如 15", "write a whole number, such as 15"),
    "decimal_type": Said("写数字，如 20", "write a number, such as 20"),
    "decimal_parsing": Said("写数字，如 20", "write a number, such as 20"),
    "date_parsing": Said("写成 2027-01-01", "write it like 2027-01-01"),
    "date_type": Said("写成 2027-01-01", "write it like 2027-01-01"),
    "time_parsing": Said("写成 09:00", "write it like 09:00"),
    "time_type": Said("写成 09:00", "write it like 09:00"),
    "tuple_type": Said("写成 [a, b],或每行以“- ”开头", "write [a, b], or lines that begin with `- `"),
    "model_type": Said("照自带方案的写法改", "write it as in the bundled programme"),
    "time_zone": Said("写成 Asia/Shanghai", "write it like Asia/Shanghai"),
    "share": Said("写成 75% 或 0.75", "write it like 75% or 0.75"),
    "fraction": Said("写成 2/3", "write it like 2/3"),
    "year_day": Said("写成 06-30，次年写 +1 01-31", "write it like 06-30, or +1 01-31 for the following year"),
    "string_type": Said("给它加引号", "put it in quotes"),
}
_COMPARE = {
    "greater_than": ("应大于", "must be more than", "gt"),
    "greater_than_equal": ("不能小于", "must be at least", "ge"),
    "less_than": ("应小于", "must be less than", "lt"),
    "less_than_equal": ("不能大于", "must be at most", "le"),
}


def _inner(annotation: Any) -> Any:
    """The model or type behind Annotated, optional and list."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated or origin is tuple:
            annotation = get_args(annotation)[0]
        elif origin in (Union, UnionType):
            annotation = next(a for a in get_args(annotation) if a is not type(None))
        else:
            return annotation


def _model_at(root: type[BaseModel], path: Path) -> type[BaseModel] | None:
    model: Any = root
    for step in path:
        if isinstance(step, int):
            continue
        if not (isinstance(model, type) and issubclass(model, BaseModel)) or step not in model.model_fields:
            return None
        model = _inner(model.model_fields[step].annotation)
    return model if isinstance(model, type) and issubclass(model, BaseModel) else None


def meant(word: object, known: list[str]) -> Said | None:
    """`did you mean …?` when a known word is near."""
    near = get_close_matches(str(word), known, n=1, cutoff=0.6)
    return Said(f"是不是 {near[0]}?", f"did you mean {near[0]}?") if near else None


def finding_of(error: ErrorDetails, root: type[BaseModel]) -> Finding:
    """A finding for one of pydantic's errors."""
    path: Path = tuple(error["loc"])
    kind, context = error["type"], error.get("ctx", {})
    value: object = error["input"] if not isinstance(error["input"], dict | list) else ""
    if kind == "missing":
        return Finding(
            path,
            None,
            Said(f"缺少字段 {path[-1]}", f"the field {path[-1]} is missing"),
            Said("补上它，可参照自带方案", "add it as in the bundled programme"),
        )
    if kind == "extra_forbidden":
        model = _model_at(root, path[:-1])
        known = sorted(model.model_fields) if model else []
        listed = ", ".join(known)
        return Finding(
            path,
            value,
            Said("没有这个字段", "there is no such field"),
            meant(path[-1], known) or Said(f"可用的字段：{listed}", f"fields that exist: {listed}"),
        )
    if kind == "literal_error":
        listed = str(context.get("expected", ""))
        known = [word.strip("' ") for word in listed.replace(" or ", ", ").split(",")]
        return Finding(
            path,
            value,
            Said("不是允许的值", "is not one of the values allowed"),
            meant(value, known) or Said(f"改为其中之一：{', '.join(known)}", f"use one of: {', '.join(known)}"),
        )
    if kind in _COMPARE:
        zh, en, name = _COMPARE[kind]
        bound = context.get(name)
        return Finding(
            path,
            value,
            Said(f"{zh} {bound}", f"{en} {bound}"),
            Said("改成允许范围内的数", "give a number in that range"),
        )
    if kind == "string_pattern_mismatch":
        return Finding(path, value, *_pattern(str(path[-1]), str(context.get("pattern", ""))))
    if kind in ("too_short", "string_too_short"):
        least = context.get("min_length", 1)
        return Finding(
            path,
            value,
            Said(f"至少要有 {least} 项", f"needs at least {least}"),
            Said("补上内容", "fill it in"),
        )
    reason = _WRONG_TYPE.get(kind) or Said("这个值不合要求", error["msg"])
    remedy = _REMEDY.get(kind) or Said("照自带方案的写法改", "write it as in the bundled programme")
    return Finding(path, value, reason, remedy)


def _pattern(name: str, pattern: str) -> tuple[Said, Said]:
    if name == "event":
        return (
            Said("不是事件名", "is no event"),
            Said("写成 rectification.case.opened", "write it like rectification.case.opened"),
        )
    if "year" in pattern:
        return (
            Said("周期名里要有一个 {year}", "a cycle's name holds {year} once"),
            Said('写成 "{year}-H1"', 'write it like "{year}-H1"'),
        )
    return (
        Said("代码只能用小写字母、数字、- 和 _", "a key has lower case letters, digits, - and _ only"),
        Said("改成英文小写代码", "write a lower case key"),
    )
