// Search and sort of one exported table. The rows stand in the page for readers without JavaScript; with it they are taken
// out and put back a page at a time, so that twenty thousand of them cost no layout. Nothing is asked of any host.
(() => {
  "use strict";
  const PAGE = 200; // rows drawn at a time
  const PAUSE = 120; // ms without a key before a search begins
  const SLICE = 1000; // rows whose text is gathered at a time while the page is idle

  const byId = (id) => document.getElementById(id);
  const [table, frame, input, count, more, none] = ["table", "frame", "q", "count", "more", "none"].map(byId);
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const collator = new Intl.Collator(undefined, { numeric: true });
  const number = new Intl.NumberFormat();

  const accented = /[^\x00-\x7f]/;
  const bare = (text) => text.normalize("NFD").replace(/\p{M}+/gu, "");
  const fold = (text) => (accented.test(text) ? bare(text) : text).toLowerCase(); // é is found by e
  const texts = new Array(rows.length);
  const textOf = (i) => (texts[i] ??= fold(Array.from(rows[i].cells, (cell) => cell.textContent).join("\n")));

  let order = rows.map((_, i) => i); // all rows, sorted
  let found = order; // those that hold every word searched for
  let words = [];
  let drawn = 0;

  const plural = (n) => `${number.format(n)} ${n === 1 ? "row" : "rows"}`;

  function draw(upTo) {
    const piece = document.createDocumentFragment();
    for (; drawn < Math.min(upTo, found.length); drawn++) {
      const row = rows[found[drawn]];
      row.ariaRowIndex = String(drawn + 2); // the header is the first
      piece.append(row);
    }
    body.append(piece);
    more.hidden = drawn >= found.length;
    highlight();
  }

  function redraw() {
    drawn = 0;
    body.replaceChildren();
    frame.scrollTop = 0;
    table.ariaRowCount = String(found.length + 1);
    none.hidden = found.length > 0 || rows.length === 0;
    none.textContent = none.hidden ? "" : `No row contains “${input.value.trim()}”.`;
    count.textContent = words.length ? `${number.format(found.length)} of ${plural(rows.length)}` : plural(rows.length);
    draw(PAGE);
  }

  function highlight() {
    if (!CSS.highlights) return;
    const ranges = [];
    const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    while (words.length && walker.nextNode()) {
      const node = walker.currentNode;
      const text = fold(node.data);
      if (text.length !== node.data.length) continue; // folding moved the letters
      for (const word of words) {
        for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
          const range = new Range();
          range.setStart(node, at);
          range.setEnd(node, at + word.length);
          ranges.push(range);
        }
      }
    }
    CSS.highlights.set("found", new Highlight(...ranges));
  }

  function search() {
    words = fold(input.value).split(/\s+/).filter(Boolean);
    found = words.length ? order.filter((i) => words.every((word) => textOf(i).includes(word))) : order;
    redraw();
  }

  const raw = (cell) => cell.dataset.v ?? cell.textContent; // where a cell is shown in a format, its plain value
  const keys = {
    text: (text) => text,
    number: (text) => Number(text),
    date: (text) => (text === "-infinity" ? "" : text.replace(/^\d+(?=-\d\d-\d\d)/, (year) => year.padStart(6, "0"))),
  };
  const compare = {
    text: collator.compare,
    number: (a, b) => a - b || Number.isNaN(a) - Number.isNaN(b),
    date: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
  };

  function sort(head) {
    const next = { ascending: "descending", descending: null }[head.ariaSort];
    const way = next === undefined ? "ascending" : next;
    for (const other of heads) other.removeAttribute("aria-sort");
    order = rows.map((_, i) => i);
    if (way) {
      head.ariaSort = way;
      const kind = head.dataset.kind;
      const shown = rows.map((row) => raw(row.cells[head.cellIndex]));
      const values = shown.map(keys[kind]);
      const sign = way === "ascending" ? 1 : -1;
      order.sort((a, b) => {
        if (!shown[a] || !shown[b]) return !shown[a] - !shown[b] || a - b; // empty cells come last either way
        return sign * (compare[kind](values[a], values[b]) || collator.compare(shown[a], shown[b])) || a - b;
      });
    }
    search();
  }

  for (const head of heads) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(head));
    head.append(button);
  }
  let waiting;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, PAUSE);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== input && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      input.focus();
    } else if (event.key === "Escape" && document.activeElement === input && input.value) {
      input.value = "";
      search();
    }
  });
  more.addEventListener("click", () => draw(drawn + PAGE));
  new IntersectionObserver(([seen]) => seen.isIntersecting && draw(drawn + PAGE), {
    root: frame,
    rootMargin: "600px",
  }).observe(more);
  window.addEventListener("beforeprint", () => draw(found.length));

  const idle = window.requestIdleCallback ?? ((work) => setTimeout(work, 50));
  const gather = (from) => {
    for (let i = from; i < Math.min(from + SLICE, rows.length); i++) textOf(i);
    if (from + SLICE < rows.length) idle(() => gather(from + SLICE));
  };

  document.querySelector(".search").hidden = false;
  document.documentElement.classList.remove("loading");
  redraw();
  idle(() => gather(0));
})();
