"""Questions to a page about how it looks, as expressions for a browser."""

# Texts that stand out too little from what is behind them: less than 4.5 : 1, or 3 : 1 where they are large (WCAG 2.2, AA).
CONTRAST = """
(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const color = (text) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const found = color(getComputedStyle(e).backgroundColor);
      if (found[3] > 0) return found;
    }
    return color(matchMedia("(prefers-color-scheme: dark)").matches ? "#000" : "#fff");
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(color(style.color)), light(ground(element))].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && parseInt(style.fontWeight) >= 700);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (isLarge ? 3 : 4.5)) poor.push(walker.currentNode.data.trim().slice(0, 30) + " " + ratio.toFixed(2));
  }
  return poor.slice(0, 5);
})()
"""

# Fields, buttons and links that say nothing to somebody who can't see them.
LABELS = """
[...document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a[href], progress")]
  .filter((e) => !(e.labels && e.labels.length) && !e.getAttribute("aria-label") && !e.innerText.trim())
  .map((e) => e.outerHTML.slice(0, 80))
"""
