"""What a browser may do: permissions that Playwright does not know."""

from playwright.sync_api import BrowserContext


def grant_durable_storage(context: BrowserContext) -> None:
    """Let `navigator.storage.persist()` be true, as on a computer where the page is installed."""
    page = context.new_page()
    session = context.new_cdp_session(page)
    context_id = session.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
    browser = context.browser
    assert browser is not None
    browser.new_browser_cdp_session().send(
        "Browser.grantPermissions", {"permissions": ["durableStorage"], "browserContextId": context_id}
    )
    page.close()
