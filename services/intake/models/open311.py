"""What Open311 GeoReport v2 answers with; field names and their order are the specification's."""

from typing import Literal

from pydantic import BaseModel

Text = str | None


class Service(BaseModel):
    """A kind of request: a topic of the programme."""

    service_code: str
    service_name: str
    description: str
    metadata: bool
    type: Literal["realtime"] = "realtime"
    keywords: str
    group: str


class Value(BaseModel):
    """An option of a list."""

    key: str
    name: str


class Attribute(BaseModel):
    """A further field of a request."""

    variable: bool = True
    code: str
    datatype: Literal["string", "singlevaluelist"]
    required: bool = False
    datatype_description: Text = None
    order: int
    description: str
    values: list[Value] = []


class Definition(BaseModel):
    """The further fields of a service."""

    service_code: str
    attributes: list[Attribute]


class Created(BaseModel):
    """A request was registered."""

    service_request_id: str
    service_notice: str
    account_id: None = None


class Found(BaseModel):
    """The request behind a token."""

    service_request_id: str
    token: str


class Request(BaseModel):
    """A complaint as everybody may see it."""

    service_request_id: str
    status: Literal["open", "closed"]
    status_notes: str
    service_name: str
    service_code: str
    description: Text
    agency_responsible: Text
    service_notice: Text = None
    requested_datetime: str
    updated_datetime: str
    expected_datetime: Text
    address: Text
    address_id: Text = None
    zipcode: Text = None
    lat: float | None
    long: float | None
    media_url: Text = None


class Update(BaseModel):
    """A step of a request (an extension that is widely used with v2)."""

    update_id: str
    service_request_id: str
    status: Literal["open", "closed"]
    updated_datetime: str
    description: str
    media_url: Text = None


class Fault(BaseModel):
    """What is wrong with a call."""

    code: int
    description: str


class Endpoint(BaseModel):
    """Where the service is, for clients that look for it."""

    specification: str = "http://wiki.open311.org/GeoReport_v2"
    url: str
    changeset: str
    type: Literal["production"] = "production"
    formats: list[str] = ["text/xml", "application/json"]


class Discovery(BaseModel):
    """The service discovery document."""

    changeset: str
    contact: str
    key_service: str
    endpoints: list[Endpoint]
