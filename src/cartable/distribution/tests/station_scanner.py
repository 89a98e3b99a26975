"""The scanner on a station's cable: keys that wait for no answer of the page, in one go or at a pace of their own."""

import asyncio
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import CDPSession

from cartable.distribution.tests.keyboards import Key, hear

# JOBS, acceptance test 7.
BETWEEN_KEYS_S = 0.005
BETWEEN_CODES_S = 0.150


def key_events(key: str, code: str, text: str, *, shift: bool = False, modifiers: int = 0) -> list[dict[str, Any]]:
    """Return what pressing and releasing a key is to the browser."""
    event: dict[str, Any] = {"key": key, "code": code, "modifiers": modifiers or (8 if shift else 0)}
    virtual = {"Enter": 13, "Tab": 9, " ": 32}.get(key, 0)
    if virtual:
        event["windowsVirtualKeyCode"] = virtual
    return [{"type": "keyDown", "text": text, **event}, {"type": "keyUp", **event}]


def label_events(keys: Sequence[Key]) -> list[dict[str, Any]]:
    """Return the events of a label's keys."""
    return [event for key in keys for event in key_events(key.char, key.code, key.char, shift=key.shift)]


def suffix_events(name: str = "Enter") -> list[dict[str, Any]]:
    """Return the events of the key that ends a label."""
    return key_events(name, name, {"Enter": "\r", "Tab": ""}.get(name, ""))


def press_together(cdp: CDPSession, events: Sequence[dict[str, Any]]) -> None:
    """Press without waiting for the answer to each: on a busy machine the wait would be longer than the rest that ends a read."""
    session = cdp._impl_obj

    async def all_at_once() -> None:
        await asyncio.gather(*(session.send("Input.dispatchKeyEvent", event, None) for event in events))

    cdp._sync(all_at_once())


def paced(cdp: CDPSession, codes: Sequence[str]) -> None:
    """Press keys 5 ms apart and leave 150 ms between codes, whatever the page does meanwhile."""
    session = cdp._impl_obj

    async def press() -> None:
        sent = []
        for code in codes:
            for key in [*hear(code), Key("Enter", "Enter")]:
                events = suffix_events() if key.char == "Enter" else label_events([key])
                sent += [asyncio.ensure_future(session.send("Input.dispatchKeyEvent", one, None)) for one in events]
                await asyncio.sleep(BETWEEN_KEYS_S)
            await asyncio.sleep(BETWEEN_CODES_S)
        await asyncio.gather(*sent)

    cdp._sync(press())
