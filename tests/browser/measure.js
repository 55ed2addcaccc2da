// An expression that evaluates to an object of functions. Each function measures the open page.
(() => {
  const channels = (color) => {
    const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number);
    return { rgb: [r, g, b], a };
  };
  const luminance = ({ rgb }) => {
    const [r, g, b] = rgb.map((v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  // The color of the nearest background behind an element, or all colors of a gradient.
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const { backgroundColor, backgroundImage } = getComputedStyle(at);
      const colors = backgroundImage.match(/rgba?\([^)]*\)/g) || [];
      if (channels(backgroundColor).a === 1) colors.push(backgroundColor);
      if (colors.length) return colors.map(channels);
    }
    return [channels("rgb(255, 255, 255)")];
  };
  const worst = (color, element) => Math.min(...behind(element).map((back) => contrast(channels(color), back)));
  const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
  const hidden = (element) => element.closest(".visually-hidden, .off-screen, .skip-link");
  const name = (element) =>
    `${element.localName}${element.className.baseVal === undefined && element.className ? "." + element.className : ""} ` +
    `"${(element.textContent || element.name || "").trim().slice(0, 40)}"`;
  const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);
  const CONTROLS = "a[href], button, summary, input:not([type=hidden]), textarea, select, [tabindex='0']";

  return {
    // The controls that Tab should reach. In a group of radio buttons, only the checked one, or the first if none is.
    controls: () =>
      all(CONTROLS)
        .filter((e) => e.tabIndex >= 0 && !e.closest(".off-screen"))
        .filter((e) => e.type !== "radio" || e === (document.querySelector(`[name="${e.name}"]:checked`) || document.querySelector(`[name="${e.name}"]`)))
        .map(name),

    // The focused element: its name, the contrast of its focus ring, and whether something covers it.
    focus: () => {
      const element = document.activeElement;
      const { outlineStyle, outlineColor, outlineWidth } = getComputedStyle(element);
      const ring = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 ? worst(outlineColor, element.parentElement) : 0;
      const [{ left, top, width, height }] = [...element.getClientRects()].sort((a, b) => b.width - a.width);
      const top_most = document.elementFromPoint(left + width / 2, top + height / 2);
      const covered = !top_most || !(element.contains(top_most) || top_most.contains(element));
      return { name: name(element), ring, covered, body: element === document.body };
    },

    headings: () => all("h1, h2, h3, h4, h5, h6").map((h) => [Number(h.localName[1]), h.textContent.trim()]),

    wider: () => {
      const edge = document.documentElement.clientWidth;
      const out = all("body *").filter((e) => {
        const { left, right, width } = e.getBoundingClientRect();
        return width && !hidden(e) && !e.closest(".figure__table, svg") && (right > edge + 1 || left < -1);
      });
      return { scrolls: document.scrollingElement.scrollWidth > edge, out: out.map(name) };
    },

    // Text closer than 12 px to the edge of the screen.
    at_the_edge: () => {
      const edge = document.documentElement.clientWidth;
      return all("p, li, h1, h2, h3, th, td, summary, label, figcaption")
        .filter((e) => !hidden(e) && !e.closest(".figure__table"))
        .filter((e) => { const r = e.getBoundingClientRect(); return r.left < 12 || r.right > edge - 12; })
        .map(name);
    },

    clipped: () =>
      all("body *")
        .filter((e) => !hidden(e) && !["visible", "auto"].includes(getComputedStyle(e).overflowX) && !e.closest("svg, textarea, input"))
        // A phone cuts a long list of sources short on purpose.
        .filter((e) => e.scrollWidth > e.clientWidth + 1 || (e.scrollHeight > e.clientHeight + 1 && !e.matches(".sources--long > ol")))
        .map(name)
        .concat(all(".button, summary, .callout__word").filter((e) => e.scrollWidth > e.clientWidth + 1).map(name)),

    // Controls smaller than 24 px and main actions smaller than 44 px. Links in a sentence are exempt.
    small_targets: () => {
      const inline = (e) => getComputedStyle(e).display === "inline";
      const area = (e) => (["radio", "checkbox"].includes(e.type) ? e.labels[0] : e).getBoundingClientRect();
      const small = (e, least) => { const r = area(e); return r.height < least - 0.5 || r.width < least - 0.5; };
      const controls = all(CONTROLS).filter((e) => !hidden(e) && !inline(e));
      const main = controls.filter((e) => e.matches(".button, .menu summary, input, textarea, .next a"));
      return [...controls.filter((e) => small(e, 24)), ...main.filter((e) => small(e, 44))].map(name);
    },

    // Field borders and chart marks with a contrast below 3:1.
    faint_marks: () => {
      const border = (e) => worst(getComputedStyle(e).borderTopColor, e.parentElement);
      const fields = all("input:not([type=radio], [type=checkbox], [type=hidden]), textarea").filter((e) => !hidden(e) && border(e) < 3);
      const marks = all("svg .plot-drug, svg .plot-comparison, svg .plot-axis").filter((e) => {
        const { fill, stroke } = getComputedStyle(e);
        const color = fill === "none" ? stroke : fill;
        return worst(color, e.closest("svg")) < 3;
      });
      return [...fields, ...marks].map(name);
    },

    // Blocks of running text whose longest line has more than 75 characters, each with the length of that line.
    long_lines: () => {
      const longest = (e) => {
        const range = document.createRange();
        const walker = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
        const lines = new Map();
        while (walker.nextNode()) {
          const node = walker.currentNode;
          if (node.parentElement.closest(".visually-hidden, sup, .note")) continue;
          for (let i = 0; i < node.length; i++) {
            range.setStart(node, i);
            range.setEnd(node, i + 1);
            const rects = range.getClientRects();
            // Don't count the HTML's indentation, which has no width.
            if (rects.length && rects[0].width) { const y = Math.round(rects[0].bottom / 8); lines.set(y, (lines.get(y) || 0) + 1); }
          }
        }
        return Math.max(0, ...lines.values());
      };
      return all("main p, main li, main dd")
        .filter((e) => e.textContent.length > 75 && !e.querySelector("p, ul, ol"))
        .map((e) => [longest(e), name(e)])
        .filter(([length]) => length > 75);
    },

    // Whether the right 40% of the main area holds a drawing, an image, or a line of text other than the page's title.
    uses_the_right: () => {
      const main = document.querySelector("main").getBoundingClientRect();
      const start = main.left + main.width * 0.6;
      const range = document.createRange();
      const ends = (e) => {
        if (e.matches("svg, img")) return [e.getBoundingClientRect()];
        range.selectNodeContents(e);
        return [...range.getClientRects()];
      };
      return all("main :is(svg, img, p, li, td, th, dd)").some((e) => ends(e).some((r) => r.width && r.right > start + 24));
    },

    // The screens of the main area, as one scrolls down it, that leave the right 40% empty. The last may be a short one.
    empty_right_screens: () => {
      const main = document.querySelector("main").getBoundingClientRect();
      const start = main.left + main.width * 0.6 + 24;
      const range = document.createRange();
      // A question is a row with a sign at its end.
      const ends = (e) => {
        if (e.matches("svg, img, summary")) return [e.getBoundingClientRect()];
        range.selectNodeContents(e);
        return [...range.getClientRects()];
      };
      const contents = all("main :is(svg, img, p, li, td, th, dd, summary)");
      const top = main.top + window.scrollY;
      const empty = [];
      for (let y = top; y + innerHeight <= top + main.height; y += innerHeight) {
        window.scrollTo(0, y);
        const shows = (r) => r.width && r.right > start && r.bottom > 0 && r.top < innerHeight;
        if (!contents.some((e) => ends(e).some(shows))) empty.push(Math.round(y));
      }
      window.scrollTo(0, 0);
      return empty;
    },

    // Parts of a sentence that became boxes of their own, because their parent lays out its children in a row or a grid.
    torn_sentences: () =>
      all(".whole")
        .filter((e) => /flex|grid/.test(getComputedStyle(e.parentElement).display))
        .filter((e) => [...e.parentElement.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
        .map(name),

    // Numbers such as "55 of 100", telephone numbers and "S-ketamine" that break across two lines of an article's text.
    broken_numbers: () => {
      const range = document.createRange();
      const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
      const broken = [];
      while (walker.nextNode()) {
        const node = walker.currentNode;
        if (!node.parentElement.closest(".article__text") || node.parentElement.closest(".sources, svg")) continue;
        for (const found of node.data.matchAll(/\d[\d.,]* of \d[\d,]*|(?:1-)?\(?\d{3}\)?[ -]\d{3}-\d{4}|S-ketamine/g)) {
          range.setStart(node, found.index);
          range.setEnd(node, found.index + found[0].length);
          if (new Set([...range.getClientRects()].map((r) => Math.round(r.top))).size > 1) broken.push(found[0]);
        }
      }
      return broken;
    },

    // Headings of an article that are wider than its text.
    wide_headings: () => {
      const right = (e) => e.getBoundingClientRect().right;
      const edge = Math.max(...all(".article__text > p").map(right));
      return all(".article__text > :is(h2, h3)").filter((e) => right(e) > edge + 1).map(name);
    },

    // Text with a contrast below 7:1.
    text_colors: () =>
      all("main p, main li, main a, main h1, main h2, main h3, header a, footer a, aside p")
        .filter((e) => !hidden(e) && worst(getComputedStyle(e).color, e) < 7)
        .map(name),

    // Text in an SVG with a contrast below 7:1 on the nearest plain background.
    faint_svg_text: () => {
      const ground = (e) => (channels(getComputedStyle(e).backgroundColor).a === 1 || !e.parentElement ? e : ground(e.parentElement));
      return all("svg text").filter((e) => {
        const back = channels(getComputedStyle(ground(e.closest("svg").parentElement)).backgroundColor);
        return contrast(channels(getComputedStyle(e).fill), back) < 7;
      }).map(name);
    },

    // Text of the hero or the footer that overlaps the drawn hills.
    over_drawings: () =>
      all(".hero h1, .hero p:not(.actions), .hero .button, .site-footer p, .site-footer li").filter((e) => {
        const r = e.getBoundingClientRect();
        window.scrollTo(0, window.scrollY + r.top - 200);
        const s = e.getBoundingClientRect();
        return [[s.left, s.top], [s.left, s.bottom], [s.right, s.bottom], [s.right, s.top]].some(([x, y]) =>
          document.elementsFromPoint(x, y).some((at) => at.closest(".landscape") && at.localName === "path"));
      }).map(name),

    // Every selector in the styles, and whether it matches an element. States such as :hover are ignored.
    selectors: () => {
      for (const box of all("input[form]")) box.checked = true; // of a checklist
      const momentary = /::?(before|after|marker|-webkit-details-marker|details-content|hover|focus-visible|focus|active|target-current|target)\b/g;
      const selectors = [];
      const walk = (rules) => {
        for (const rule of rules) {
          if (rule instanceof CSSPageRule) continue; // selects sheets of paper
          if (rule.selectorText) selectors.push(rule.selectorText);
          else if (rule.cssRules && !(rule instanceof CSSKeyframesRule)) walk(rule.cssRules);
        }
      };
      for (const sheet of document.styleSheets) walk(sheet.cssRules);
      const empty = /:(not|is|has)\([, ]*\)/g;
      const found = (selector) => document.querySelector(selector.replace(momentary, "").replace(empty, "").replace(empty, "").trim() || "*");
      const parts = (list) => list.split(",").reduce((done, part) => {
        const open = done.length && (done.at(-1).match(/\(/g) || []).length > (done.at(-1).match(/\)/g) || []).length;
        return open ? [...done.slice(0, -1), `${done.at(-1)},${part}`] : [...done, part];
      }, []);
      return Object.fromEntries(selectors.flatMap(parts).map((selector) => [selector, Boolean(found(selector))]));
    },

    classes: () => [...document.querySelectorAll("[class]")].flatMap((e) => [...e.classList]),
    scripts: () => [...document.querySelectorAll("script")].filter((s) => s.type !== "application/ld+json").map((s) => s.outerHTML)
      .concat([...document.querySelectorAll("*")].flatMap((e) => e.getAttributeNames().filter((a) => a.startsWith("on")))),
  };
})()
