/* The file itself. Everything arrives as data and is shown as text; the one page of HTML goes into a frame that may do nothing. */
const MARKS = [[/\t/, "→\t"], [/\r/, "CR"], [/\n/, "LF"], [/ /, "·"], [/\u00a0|\u202f/, "⍽"], [/\ufeff/, "BOM"], [/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/, "�"]]

const made = (tag, text = "", attributes = {}) => {
  const element = document.createElement(tag)
  element.textContent = text
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  return element
}

/* One line of text, its invisible characters as signs if they are wanted. */
const line = (text, number, marks) => {
  const shown = made("div", "", { "data-n": number })
  if (!marks) { shown.textContent = text.replace(/[\r\n\ufeff]/g, "") || "\u200b"; return shown }
  for (const piece of text.split(/([\t\r\n \u00a0\u202f\ufeff\u0000-\u0008\u000b\u000c\u000e-\u001f])/)) {
    const sign = MARKS.find(([found]) => piece.length === 1 && found.test(piece))
    if (sign) shown.append(made("i", sign[1], /[\r\n\ufeff]/.test(piece) ? { class: "chip" } : {}))
    else shown.append(piece)
  }
  return shown
}

const lines = (text, marks) => {
  const block = document.createElement("pre")
  const found = text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) || [""]
  block.append(...found.map((piece, n) => line(piece, n + 1, marks)))
  return block
}

const letters = n => { let name = ""; for (n += 1; n; n = Math.floor((n - 1) / 26)) name = String.fromCharCode(65 + (n - 1) % 26) + name; return name }

const cell = given => {
  const { text = "", bold, fill, color, align, wrap } = given || {}
  const shown = made("td", text)
  if (wrap) shown.className = "wrap"
  if (text.length > 20) shown.title = text
  Object.assign(shown.style, { fontWeight: bold ? "700" : "", background: fill || "", color: color || "", textAlign: align || "" })
  return shown
}

const sheet = given => {
  const table = document.createElement("table")
  const columns = given.widths.length
  const group = document.createElement("colgroup")
  for (const width of [44, ...given.widths]) { const column = document.createElement("col"); column.style.width = `${width}px`; group.append(column) }
  const head = document.createElement("tr")
  head.append(made("th"), ...Array.from({ length: columns }, (_, n) => made("th", letters(n))))
  const top = document.createElement("thead")
  top.append(head)
  const body = document.createElement("tbody")
  given.rows.forEach((row, n) => {
    const shown = document.createElement("tr")
    shown.append(made("th", String(n + 1)), ...Array.from({ length: columns }, (_, c) => cell(row[c])))
    body.append(shown)
  })
  table.append(group, top, body)
  return table
}

/* The page as it will look. Its scripts could not run in this frame; without them the browser has nothing to complain of. */
const still = text => {
  const page = new DOMParser().parseFromString(text, "text/html")
  page.querySelectorAll("script").forEach(script => script.remove())
  return "<!DOCTYPE html>" + page.documentElement.outerHTML
}

export default function ({ data, parentElement: root }) {
  const frame = root.querySelector(".frame"), tabs = root.querySelector(".tabs")
  const marks = root.querySelector(".marks input")
  const again = frame.dataset.stamp === data.stamp
  const [left, top] = again ? [frame.scrollLeft, frame.scrollTop] : [0, 0]
  frame.dataset.stamp = data.stamp
  root.querySelector(".view").className = `view ${data.kind}`
  root.querySelector(".name").textContent = data.name
  root.querySelector(".marks span").textContent = data.texts.marks
  frame.setAttribute("aria-label", data.texts.frame)
  tabs.setAttribute("aria-label", data.texts.tabs)
  tabs.replaceChildren()

  const draw = () => {
    if (data.kind === "text") frame.replaceChildren(lines(data.text, marks.checked))
    else if (data.kind === "picture") frame.replaceChildren(made("img", "", { src: `data:image/png;base64,${data.picture}`, alt: data.texts.picture.replace("{name}", data.name) }))
    else if (data.kind === "html") frame.replaceChildren(made("iframe", "", { sandbox: "", srcdoc: still(data.text), title: data.name }))
    else {
      const open = Math.min(Number(again ? frame.dataset.open || 0 : 0), data.sheets.length - 1)
      const choose = n => {
        frame.dataset.open = n
        frame.replaceChildren(sheet(data.sheets[n]))
        ;[...tabs.children].forEach((tab, i) => { tab.setAttribute("aria-selected", String(i === n)); tab.tabIndex = i === n ? 0 : -1 })
      }
      tabs.replaceChildren(...data.sheets.map((one, n) => {
        const tab = made("button", one.name, { type: "button", role: "tab" })
        tab.onclick = () => { choose(n); frame.scrollTo(0, 0) }
        tab.onkeydown = event => { // as tabs are used: one stop of the Tab key, the arrows go from one to the next
          const next = tabs.children[n + { ArrowRight: 1, ArrowLeft: -1 }[event.key]]
          if (next) { event.preventDefault(); next.click(); next.focus() }
        }
        return tab
      }))
      choose(open)
    }
  }
  marks.onchange = draw
  draw()
  frame.scrollTo(left, top)
}
