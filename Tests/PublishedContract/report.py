"""What was checked and what failed, for people."""

import sys


class Report:
    """Collects checks under headings; `finish` sums up."""

    def __init__(self, verbose: bool):
        self.verbose = verbose
        self.checks = 0
        self.failures = 0
        self._heading = ""
        self._counts = (0, 0)

    def heading(self, text: str) -> None:
        """Begins a part; says how the part before went."""
        self._close()
        self._heading, self._counts = text, (self.checks, self.failures)

    def expect(self, condition: object, what: str, why: object = "") -> bool:
        """Counts a check; `why` is what is wrong where it fails."""
        self.checks += 1
        if condition:
            if self.verbose:
                print(f"    ok      {what}")
        else:
            self.failures += 1
            print(f"    FAILED  {what}" + (f": {why}" if why != "" else ""))
            sys.stdout.flush()
        return bool(condition)

    def equal(self, actual: object, expected: object, what: str) -> bool:
        """Counts a comparison."""
        return self.expect(actual == expected, what, f"{actual!r}, not {expected!r}")

    def finish(self) -> int:
        """Says how all went; the exit status."""
        self._close()
        print(f"{self.checks} checks, {self.failures} failed")
        return 1 if self.failures or not self.checks else 0

    def _close(self) -> None:
        if not self._heading:
            return
        checks, failures = self.checks - self._counts[0], self.failures - self._counts[1]
        print(f"{'FAILED' if failures else 'ok':6}  {self._heading} ({checks} checks)")
        sys.stdout.flush()
