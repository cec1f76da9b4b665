// Shows how far a replay is, while it runs. Without it the page loads itself again every other second.
"use strict";

const section = document.querySelector("[data-replay]");

function show(report) {
  const figures = { ...report, left: report.letters - report.position };
  section.querySelector("progress").value = report.position;
  for (const place of section.querySelectorAll("[data-figure]")) {
    place.textContent = figures[place.dataset.figure].toLocaleString("en");
  }
}

async function watch() {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    try {
      const answer = await fetch(section.dataset.replay, { cache: "no-store" });
      if (!answer.ok) continue;
      const report = await answer.json();
      show(report);
      if (report.state !== "running") return location.reload();
    } catch {
      // The service is away for a moment.
    }
  }
}

if (section) watch();
