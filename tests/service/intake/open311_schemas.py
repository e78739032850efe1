"""Schemas of GeoReport v2, written from the published specification: what a client of the standard may rely on.

One table a shape; the JSON schema and the XML schema are both made of it, so that the two formats stay the same.
A field: its name, its type, whether it may be empty (the specification: "may not be returned", or an empty example).
"""

from typing import Any

import jsonschema
import xmlschema

Field = tuple[str, str, bool]

SERVICE: list[Field] = [
    ("service_code", "string", False), ("service_name", "string", False), ("description", "string", True),
    ("metadata", "boolean", False), ("type", "realtime|batch|blackbox", False), ("keywords", "string", True),
    ("group", "string", True),
]  # fmt: skip
VALUE: list[Field] = [("key", "string", False), ("name", "string", False)]
ATTRIBUTE: list[Field] = [
    ("variable", "boolean", False), ("code", "string", False),
    ("datatype", "string|number|datetime|text|singlevaluelist|multivaluelist", False), ("required", "boolean", False),
    ("datatype_description", "string", True), ("order", "integer", False), ("description", "string", True),
    ("values", "values", True),
]  # fmt: skip
DEFINITION: list[Field] = [("service_code", "string", False), ("attributes", "attributes", False)]
REQUEST: list[Field] = [
    ("service_request_id", "string", False), ("status", "open|closed", False), ("status_notes", "string", True),
    ("service_name", "string", False), ("service_code", "string", False), ("description", "text", True),
    ("agency_responsible", "string", True), ("service_notice", "string", True),
    ("requested_datetime", "datetime", False), ("updated_datetime", "datetime", False),
    ("expected_datetime", "datetime", True), ("address", "string", True), ("address_id", "string", True),
    ("zipcode", "string", True), ("lat", "decimal", True), ("long", "decimal", True), ("media_url", "string", True),
]  # fmt: skip
CREATED: list[Field] = [
    ("service_request_id", "string", False), ("service_notice", "string", True), ("account_id", "string", True),
]  # fmt: skip
FOUND: list[Field] = [("service_request_id", "string", False), ("token", "string", False)]
UPDATE: list[Field] = [
    ("update_id", "string", False), ("service_request_id", "string", False), ("status", "open|closed", False),
    ("updated_datetime", "datetime", False), ("description", "string", True), ("media_url", "string", True),
]  # fmt: skip
ERROR: list[Field] = [("code", "integer", False), ("description", "string", False)]
ENDPOINT: list[Field] = [
    ("specification", "string", False), ("url", "string", False), ("changeset", "datetime", False),
    ("type", "string", False), ("formats", "formats", False),
]  # fmt: skip
DISCOVERY: list[Field] = [
    ("changeset", "datetime", False), ("contact", "string", False), ("key_service", "string", False),
    ("endpoints", "endpoints", False),
]  # fmt: skip

NESTED: dict[str, tuple[str, list[Field] | None]] = {
    "values": ("value", VALUE), "attributes": ("attribute", ATTRIBUTE), "endpoints": ("endpoint", ENDPOINT),
    "formats": ("format", None),
}  # fmt: skip
LISTS = {
    "services": ("service", SERVICE), "service_requests": ("request", REQUEST), "errors": ("error", ERROR),
    "created": ("request", CREATED), "found": ("request", FOUND),
    "service_requests_updates": ("request_update", UPDATE),
}  # fmt: skip
SINGLE = {"service_definition": DEFINITION, "discovery": DISCOVERY}
ROOT = {"created": "service_requests", "found": "service_requests"}
W3_TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$"


def _json_type(kind: str, empty: bool) -> dict[str, Any]:
    if kind in NESTED:
        item = NESTED[kind][1]
        return {"type": "array", "items": _json_object(item) if item else {"type": "string"}}
    plain: dict[str, dict[str, Any]] = {
        "string": {"type": "string"}, "text": {"type": "string", "maxLength": 4000}, "boolean": {"type": "boolean"},
        "integer": {"type": "integer"}, "decimal": {"type": "number"},
        "datetime": {"type": "string", "pattern": W3_TIME},
    }  # fmt: skip
    found = plain.get(kind) or {"enum": kind.split("|")}
    return {"anyOf": [found, {"type": "null"}]} if empty else found


def _json_object(fields: list[Field]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: _json_type(kind, empty) for name, kind, empty in fields},
        "required": [name for name, _, _ in fields],
        "additionalProperties": False,
    }


def check_json(shape: str, document: Any) -> None:
    """Raises jsonschema.ValidationError."""
    schema = (
        {"type": "array", "items": _json_object(LISTS[shape][1])} if shape in LISTS else _json_object(SINGLE[shape])
    )
    jsonschema.validate(document, schema)


def _xml_type(name: str, kind: str, empty: bool) -> str:
    if kind in NESTED:
        item, fields = NESTED[kind]
        inside = _xml_fields(item, fields) if fields else f'<xs:element name="{item}" type="xs:string" {_MANY}/>'
        return _complex(name, f"<xs:sequence>{inside}</xs:sequence>")
    plain = {"string": "xs:string", "text": "xs:string", "boolean": "xs:boolean", "integer": "xs:integer",
             "decimal": "xs:decimal", "datetime": "xs:dateTime"}  # fmt: skip
    if kind in plain:
        base = f'<xs:restriction base="{plain[kind]}"/>' if kind != "text" else (
            '<xs:restriction base="xs:string"><xs:maxLength value="4000"/></xs:restriction>')  # fmt: skip
    else:
        values = "".join(f'<xs:enumeration value="{value}"/>' for value in kind.split("|"))
        base = f'<xs:restriction base="xs:string">{values}</xs:restriction>'
    simple = f"<xs:simpleType>{base}</xs:simpleType>"
    if empty and plain.get(kind) != "xs:string":
        empty_text = '<xs:restriction base="xs:string"><xs:length value="0"/></xs:restriction>'
        nothing = f"<xs:simpleType>{empty_text}</xs:simpleType>"
        simple = f"<xs:simpleType><xs:union>{simple}{nothing}</xs:union></xs:simpleType>"
    return f'<xs:element name="{name}">{simple}</xs:element>'


_MANY = 'minOccurs="0" maxOccurs="unbounded"'


def _xml_fields(name: str, fields: list[Field]) -> str:
    inside = "".join(_xml_type(*field) for field in fields)
    return _complex(name, f"<xs:all>{inside}</xs:all>", f" {_MANY}")


def _complex(name: str, inside: str, many: str = "") -> str:
    return f'<xs:element name="{name}"{many}><xs:complexType>{inside}</xs:complexType></xs:element>'


def check_xml(shape: str, document: str) -> None:
    """Raises xmlschema.XMLSchemaValidationError. No namespaces, the declaration in front, as the specification says."""
    assert document.startswith('<?xml version="1.0" encoding="utf-8"?>')
    if shape in LISTS:
        inside = f"<xs:sequence>{_xml_fields(*LISTS[shape])}</xs:sequence>"
    else:
        inside = f"<xs:all>{''.join(_xml_type(*field) for field in SINGLE[shape])}</xs:all>"
    root = ROOT.get(shape, shape)
    schema = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{_complex(root, inside)}</xs:schema>'
    xmlschema.XMLSchema11(schema).validate(document)
