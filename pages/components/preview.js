/* The preview: a real table, so that text can be selected and read aloud. Values arrive as text and are shown as they are. */
export default function ({ data, parentElement: root }) {
  const table = root.querySelector("table")
  const frame = root.querySelector(".frame")
  frame.setAttribute("aria-label", data.texts.frame)
  const made = (tag, text, name = "") => {
    const cell = document.createElement(tag)
    cell.textContent = text
    if (name) cell.className = name
    return cell
  }
  const row = (...cells) => { const line = document.createElement("tr"); line.append(...cells); return line }

  const head = document.createElement("thead")
  head.append(row(made("th", ""), ...data.columns.map(column => {
    const cell = made("th", column.label, column.right ? "right" : "")
    cell.scope = "col"
    cell.title = column.label
    cell.append(made("small", column.words))
    return cell
  })))

  const body = document.createElement("tbody")
  body.append(...data.rows.map((values, i) => row(made("th", (data.first + i).toLocaleString("en")), ...values.map((value, c) => {
    const cell = made("td", "", data.columns[c].right ? "right" : "")
    if (value === null) cell.append(made("i", data.texts.empty))
    else {
      // A line break inside a value is shown as a sign: one row of the file is one row here.
      value.split(/\r\n|\r|\n/).forEach((line, n) => { if (n) cell.append(made("span", " ↵ ", "mark")); cell.append(line) })
      if (value.length > 30) cell.title = value
    }
    return cell
  }))))

  const top = frame.dataset.stamp === data.stamp ? frame.scrollTop : 0
  frame.dataset.stamp = data.stamp
  table.replaceChildren(head, body)
  frame.scrollTop = top
}
