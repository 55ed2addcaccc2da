"""Run axe-core in a page."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SCRIPT = Axe().axe_script

# axe-core calls the contrast of text "incomplete" if it is on a gradient, a pseudo-element or a drawing, or in an SVG.
# Paint each gradient in its first color and then in its last, and take pseudo-elements and landscapes away.
# Gradients with a transparent color draw lines, and are left out.
JUDGE_CONTRAST = """async () => {
  const plain = new CSSStyleSheet();
  plain.replaceSync(`* { background-image: none !important; } .landscape { display: none !important; }
    ::before, ::after { content: none !important; }`);
  const colors = (element, pseudo) =>
    getComputedStyle(element, pseudo).backgroundImage.match(/rgba?\\([^)]*\\)/g) || [];
  const painted = [...document.querySelectorAll("body, body *")]
    .map((element) => [element, [...colors(element, "::before"), ...colors(element)]])
    .filter(([, stops]) => stops.length && !stops.includes("rgba(0, 0, 0, 0)"));
  document.adoptedStyleSheets = [plain];
  const nodes = [];
  for (const end of [0, -1]) {
    for (const [element, stops] of painted) element.style.backgroundColor = stops.at(end);
    const results = await axe.run({
      runOnly: ["color-contrast", "color-contrast-enhanced"],
      resultTypes: ["violations", "incomplete"],
    });
    nodes.push(...[...results.violations, ...results.incomplete].flatMap((result) => result.nodes));
  }
  for (const [element] of painted) element.style.removeProperty("background-color");
  document.adoptedStyleSheets = [];
  return nodes
    .filter((node) => !document.querySelector(node.target.at(-1)).closest("svg"))
    .map((node) => `${node.html.slice(0, 200)}: ${node.failureSummary.slice(0, 300)}`);
}"""


def doubtful_contrast(page: Page) -> list[str]:
    """Return the texts outside SVGs whose contrast axe-core finds below AAA, or cannot judge, on the open page."""
    _inject(page)
    return page.evaluate(JUDGE_CONTRAST)


def violations(page: Page, **options: Any) -> list[dict]:
    """Return the violations that axe-core finds on the open page. Inject axe-core first if needed."""
    _inject(page)
    options = {"resultTypes": ["violations"]} | options
    return page.evaluate("async options => (await axe.run(options)).violations", options)


def _inject(page: Page) -> None:
    page.wait_for_load_state()  # a click returns when the next page begins, which may not have an element yet
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(SCRIPT)
