"""The bodies with which the simulated PSA refuses, as the facts print or infer them; no decisions."""

from typing import Any

from truecount.simulator.checks import Problem
from truecount.simulator.switches import Switches
from truecount.simulator.wire import Answer, dumps, empty_answer, header, json_answer

UNDOCUMENTED = frozenset({404, 405, 409, 415, 500, 501})
"""Statuses whose body switch C-44 decides."""


def refusal(switches: Switches, status: int, code: str, message: str, errors: Any = None) -> Answer:
    if status in UNDOCUMENTED and switches["C-44"] == "empty":
        return empty_answer(status)
    if status in UNDOCUMENTED and switches["C-44"] == "html":
        page = f"<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>{message}</h1></body></html>"
        return Answer(status=status, body=page.encode(), headers=[(b"content-type", b"text/html")])
    return json_answer(status, {"code": code, "message": message, "errors": errors})


def invalid_object(switches: Switches, name: str, problems: list[Problem]) -> Answer:
    errors = [problem.listed(name) for problem in problems]
    return refusal(switches, 400, "InvalidObject", f"{name} object is invalid", errors)


def not_found(switches: Switches, thing: str, id: object) -> Answer:
    return refusal(switches, 404, "NotFound", f"{thing} {id} not found")


def no_route(switches: Switches, method: str, path: str) -> Answer:
    return refusal(switches, 404, "NotFound", f"No route for {method} {path}.")


def no_verb(switches: Switches, method: str) -> Answer:
    message = f"The requested resource does not support http method '{method}'."
    return refusal(switches, 405, "MethodNotAllowed", message)


def not_simulated(switches: Switches, method: str, template: str) -> Answer:
    message = f"{method} {template} is in the API definition but is not simulated."
    return refusal(switches, 501, "NotSimulated", message)


def bad_condition(switches: Switches, message: str) -> Answer:
    return refusal(switches, 400, "ApiFindCondition", message)


def bad_request(switches: Switches, message: str) -> Answer:
    return refusal(switches, 400, "InvalidObject", message)


def conflict(switches: Switches, message: str) -> Answer:
    return refusal(switches, 409, "Conflict", message)


def media_type(switches: Switches) -> Answer:
    message = "The request entity's media type is not supported for this resource."
    return refusal(switches, 415, "UnsupportedMediaType", message)


def too_long(switches: Switches) -> Answer:
    return refusal(switches, 414, "UriTooLong", "The request URL is longer than 2000 characters.")


def unauthorized(switches: Switches) -> Answer:
    """C-02."""
    match switches["C-02"]:
        case "UserNotAuthenticated":
            return json_answer(401, {"code": "ConnectWiseApi", "message": "UserNotAuthenticated"})
        case "404":
            return refusal(switches, 404, "NotFound", "Company or keys not found.")
        case "no answer":
            return Answer(status=0, hang_up=True)
    return plain_unauthorized()


def plain_unauthorized() -> Answer:
    return json_answer(401, {"code": "Unauthorized", "message": "Incorrect public/private key"})


def client_id(switches: Switches) -> Answer:
    """C-01."""
    message = "A valid clientId header is required."
    if switches["C-01"] == "400":
        return refusal(switches, 400, "InvalidClientId", message)
    return refusal(switches, 403, "Security", message)


def no_right(switches: Switches, thing: str) -> Answer:
    """C-53."""
    if switches["C-53"] == "404":
        return refusal(switches, 404, "NotFound", f"{thing} not found")
    message = "You do not have security permission to perform this action."
    return refusal(switches, 403, "Security", message)


def no_ssl(switches: Switches) -> Answer:
    return refusal(switches, 403, "Security", "SSL is required.")


def cannot_route(switches: Switches) -> Answer:
    """C-04."""
    message = "Cannot route. Codebase/company is invalid"
    match switches["C-04"]:
        case "json":
            return refusal(switches, 400, "CannotRoute", message)
        case "404":
            return refusal(switches, 404, "NotFound", message)
    return Answer(status=400, body=message.encode(), headers=[(b"content-type", b"text/plain; charset=utf-8")])


def throttled(seconds: int, *, with_header: bool = True) -> Answer:
    message = f"Too many requests. Please try again in {seconds} seconds."
    answer = json_answer(429, {"error": "ConnectWiseAPI", "message": message})
    if with_header:
        answer.headers.append(header("retry-after", str(seconds)))
    return answer


def server_error() -> Answer:
    message = "The server could not answer in time: timeout expired."
    return Answer(
        status=500,
        body=dumps({"code": "InternalServerError", "message": message, "errors": None}),
        headers=[(b"content-type", b"application/json; charset=utf-8")],
    )
