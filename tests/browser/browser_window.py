"""A browser window on the mini dashboard that notes whatever goes wrong, and looks at what is shown."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Frame, Locator, Page, Request, Response, Route

PICTURES = Path(__file__).parents[2] / "build" / "pictures"
LOOPBACK = ("localhost", "127.0.0.1")
HEIGHTS = {1440: 1000, 1024: 768, 390: 844}
PATIENCE_MILLISECONDS = 15_000
MOMENT_MILLISECONDS = 20
BUSY = "#content .bones, .htmx-request, .htmx-swapping, .htmx-settling"
SETTLED = """busy => document.fonts.status === 'loaded' && !document.querySelector(busy)
  && document.body && document.body.innerText.trim() !== ''"""
AXE = """() => axe.run({resultTypes: ['violations'], preload: false}).then(({violations}) => violations
  .filter(({impact}) => impact === 'serious' || impact === 'critical')
  .flatMap(({id, nodes}) => nodes.map((node) => `${id}: ${node.target} ${node.failureSummary}`)))"""
SCHEME = """() => {
  const scheme = getComputedStyle(document.documentElement).colorScheme;
  if (scheme !== 'light dark') return scheme;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}"""


class NotFramedError(AssertionError):
    """The page of the dashboard holds no frame of the app."""


@dataclass
class Window:
    """One tab. `troubles` are console errors, refusals by the CSP, requests off loopback, and failed ones."""

    page: Page
    troubles: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def watch(self) -> "Window":
        self.page.set_default_timeout(PATIENCE_MILLISECONDS)
        self.page.context.route(lambda url: urlsplit(url).hostname not in LOOPBACK, self._block)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)
        return self

    def expect_trouble(self, pattern: str) -> None:
        """Something is meant to go wrong in this test."""
        self.expected.append(pattern)

    def unexpected_troubles(self) -> list[str]:
        return [each for each in self.troubles if not any(re.search(pattern, each) for pattern in self.expected)]

    # ---- The dashboard

    def open(self, address: str, *, width: int = 1440) -> Frame:
        """Go to a page of the dashboard that frames the app; return the frame when it shows something."""
        self.resize(width)
        self.page.goto(address, wait_until="load")
        try:
            return self.settled()
        except NotFramedError:  # on a busy machine Chromium's driver at times never hears of a frame
            self.page.reload(wait_until="load")
            return self.settled()

    def resize(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})

    def settled(self) -> Frame:
        """Wait until the frame shows a page and asks for nothing."""
        frame = self.frame
        frame.wait_for_url(lambda url: url.startswith("http"), wait_until="load")
        frame.wait_for_function(SETTLED, arg=BUSY)
        return frame

    @property
    def frame(self) -> Frame:
        """The first frame of the app. Just after its element came, it is not there yet."""
        for _ in range(PATIENCE_MILLISECONDS // MOMENT_MILLISECONDS):
            frame = self.page.locator("iframe.app-frame").first.element_handle().content_frame()
            if frame is not None:
                return frame
            self.page.wait_for_timeout(MOMENT_MILLISECONDS)
        raise NotFramedError

    def renew_token(self) -> None:
        """The dashboard hands out a new token; the frame has it afterwards."""
        self.frame.evaluate("addEventListener('message', () => { window.heard = true; }, {once: true})")
        self.page.evaluate("Promise.all(frames.map(renew)).then(() => null)")
        self.frame.wait_for_function("window.heard")

    def wear(self, theme: str) -> None:
        """Choose the dashboard's theme, as staff do, without a reload."""
        self._choose("theme", theme)
        if not self._is_widget():
            self.frame.wait_for_function("theme => document.documentElement.dataset.theme === theme", arg=theme)

    def wear_before(self, theme: str) -> None:
        """Choose the theme on a page of the dashboard that frames nothing."""
        self._choose("theme", theme)

    def speak(self, locale: str) -> None:
        """Choose the dashboard's language, as staff do, without a reload."""
        if self.page.locator("#locale").input_value() == locale:
            return
        self._choose("locale", locale)
        if not self._is_widget():
            self.frame.wait_for_function("locale => document.documentElement.lang === locale", arg=locale)
            self.settled()

    def toast(self, text: str) -> Locator:
        """A notification of the dashboard."""
        return self.page.locator("#toasts .toast", has_text=text)

    def _choose(self, name: str, value: str) -> None:
        # On a narrow screen the switches are folded away; what counts is that the dashboard changes.
        self.page.locator(f"#{name}").evaluate(
            "(select, value) => { select.value = value; select.dispatchEvent(new Event('change')); }", value
        )

    def _is_widget(self) -> bool:
        return self.page.locator("iframe.app-frame").first.get_attribute("data-method") == "POST"

    # ---- What is seen

    def check(self, frame: Frame, name: str) -> None:
        """What `look` sees, and nothing serious for axe."""
        self.look(frame, name)
        found = violations(frame)
        assert found == [], f"{name}: {found}"

    def look(self, frame: Frame, name: str) -> None:
        """Nothing wider than the frame, one heading, the dashboard's colours; a picture is kept."""
        assert wide(frame) == [], f"{name} scrolls sideways"
        assert self._is_widget() or frame.locator("h1").count() == 1, name
        theme = self.page.evaluate("document.documentElement.dataset.theme")
        frame.wait_for_function(f"theme => ({SCHEME})() === theme", arg=theme, timeout=5_000)
        self.keep_picture(name)

    def keep_picture(self, name: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png", animations="disabled", caret="hide")

    # ---- What goes wrong

    def _block(self, route: Route) -> None:
        self.troubles.append(f"off loopback: {route.request.url}")
        route.abort()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.troubles.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _failed(self, request: Request) -> None:
        # The dashboard loads a page twice, and what is left behind is not waited for.
        if request.failure != "net::ERR_ABORTED":
            self.troubles.append(f"request: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.troubles.append(f"answer: {response.status} {urlsplit(response.url).path}")


def wide(frame: Frame) -> list[str]:
    """What makes a document scroll sideways."""
    return frame.evaluate(
        """() => {
          const room = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= room) return [];
          return [...document.querySelectorAll('body *')]
            .filter((each) => each.getBoundingClientRect().right > room + 1)
            .map((each) => each.outerHTML.slice(0, 120)).slice(0, 5);
        }"""
    )


def violations(frame: Frame) -> list[str]:
    """What axe finds serious or critical."""
    if not frame.evaluate("'axe' in window"):
        frame.evaluate(Axe().axe_script)
    found: list[str] = frame.evaluate(AXE)
    return found
