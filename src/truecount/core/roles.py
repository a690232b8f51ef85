"""Who may do what: the one table of actions and the least role that each needs."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Role(IntEnum):
    """Each role may do all that the ones before it may."""

    VIEWER = 1
    OPERATOR = 2
    APPROVER = 3
    ADMIN = 4


class Action(StrEnum):
    LOOK = "look"
    MAP = "map"
    SWITCH = "switch"
    SYNC = "sync"
    EDIT_ITEM = "edit_item"
    APPROVE = "approve"
    APPLY = "apply"
    RELEASE = "release"
    UNDO = "undo"
    CONNECT = "connect"
    SET_POLICY = "set_policy"
    KEEP_USERS = "keep_users"
    CREATE_INTEGRATION = "create_integration"


LEAST_ROLE = {
    Action.LOOK: Role.VIEWER,
    Action.MAP: Role.OPERATOR,
    Action.SWITCH: Role.OPERATOR,
    Action.SYNC: Role.OPERATOR,
    Action.EDIT_ITEM: Role.OPERATOR,
    Action.APPROVE: Role.APPROVER,
    Action.APPLY: Role.APPROVER,
    Action.RELEASE: Role.APPROVER,
    Action.UNDO: Role.APPROVER,
    Action.CONNECT: Role.ADMIN,
    Action.SET_POLICY: Role.ADMIN,
    Action.KEEP_USERS: Role.ADMIN,
    Action.CREATE_INTEGRATION: Role.ADMIN,
}


def may(role: int, action: Action) -> bool:
    return role >= LEAST_ROLE[action]
