"""A headless Chromium, driven over the DevTools protocol as far as a test of pages needs it."""

import base64
import itertools
import json
import pathlib
import subprocess
import tempfile
import time
import urllib.request

import websocket


class Browser:
    """One tab. Collects what it logs and asks for."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        # Root has no sandbox; without /dev/shm a container's small one is of no matter.
        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server",
             "--remote-debugging-port=0", "--remote-allow-origins=*", "--no-first-run", "--disable-extensions",
             "--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--disable-sync",
             f"--user-data-dir={self.folder.name}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.numbers, self.events = itertools.count(1), []
        self.requests, self.complaints = [], []
        self.socket = websocket.create_connection(self._tab(), timeout=30, suppress_origin=True)
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def _tab(self) -> str:
        file, end = pathlib.Path(self.folder.name, "DevToolsActivePort"), time.monotonic() + 60
        while time.monotonic() < end:
            if file.exists() and file.read_text().strip():
                port = file.read_text().split()[0]
                opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
                tabs = json.load(opener.open(f"http://127.0.0.1:{port}/json", timeout=10))
                for tab in tabs:
                    if tab["type"] == "page":
                        return tab["webSocketDebuggerUrl"]
            time.sleep(0.2)
        raise RuntimeError("Chromium did not start")

    def close(self) -> None:
        self.socket.close()
        self.process.terminate()
        self.process.wait(30)
        self.folder.cleanup()

    def call(self, method: str, **parameters):
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message.get("result", {})
            self._note(message)

    def _note(self, message) -> None:
        method, told = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])
        elif method == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
            self.complaints.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(told["exceptionDetails"].get("text", "exception"))
        elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning", "assert"):
            self.complaints.append(str(told["args"]))
        elif method == "Page.javascriptDialogOpening":
            self.complaints.append(f"a dialog: {told['message']}")

    def run(self, expression: str):
        """The value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def until(self, expression: str, seconds: float = 30):
        """Waits until an expression is true."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                value = self.run(expression)
                if value:
                    return value
            except RuntimeError:
                pass  # The page is just being loaded.
            time.sleep(0.1)
        raise AssertionError(f"not within {seconds} s: {expression}\n{self.text()[:600]}")

    def open(self, url: str) -> None:
        self.run("window.old = true")
        self.call("Page.navigate", url=url)
        self.until("!window.old && document.readyState == 'complete'")

    def text(self) -> str:
        return self.run("document.body.innerText") or ""

    def path(self) -> str:
        return self.run("location.pathname + location.search")

    def key(self, name: str, text: str = "", modifiers: int = 0) -> None:
        codes = {"Tab": 9, "Enter": 13, " ": 32, "ArrowDown": 40}
        known = {"key": name, "code": {" ": "Space"}.get(name, name), "windowsVirtualKeyCode": codes.get(name, 0),
                 "modifiers": modifiers}
        text = text or {"Enter": "\r", " ": " "}.get(name, "")
        self.call("Input.dispatchKeyEvent", type="keyDown", **known, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **known)

    def type(self, text: str) -> None:
        self.call("Input.insertText", text=text)

    def focused(self) -> str:
        """The focused element's name for people."""
        return self.run("(() => { const e = document.activeElement; return (e.labels && e.labels[0] ? e.labels[0].innerText"
                        " : e.getAttribute('aria-label') || e.innerText || '').trim() })()")

    def tab_to(self, name: str, most: int = 300) -> None:
        """Presses Tab until an element of that name has the focus, which must be visible."""
        for _ in range(most):
            self.key("Tab")
            if self.focused() == name:
                style = self.run("getComputedStyle(document.activeElement).outlineStyle")
                assert style != "none", f"the focus on {name!r} can't be seen"
                return
        raise AssertionError(f"Tab does not lead to {name!r} on {self.path()}")

    def choose(self, selector: str, file) -> None:
        """Gives a field a file, which is the part of it that no key leads to."""
        field = self.call("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")["result"]
        self.call("DOM.setFileInputFiles", files=[str(file)], objectId=field["objectId"])

    def press(self, name: str, key: str = "Enter") -> None:
        """Goes to an element by Tab, and presses a key that leads to another page."""
        self.tab_to(name)
        self.run("window.old = true")
        self.key(key)
        self.until("!window.old && document.readyState == 'complete'")

    def look(self, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def picture(self, file) -> None:
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=False)["data"]
        pathlib.Path(file).write_bytes(base64.b64decode(data))
