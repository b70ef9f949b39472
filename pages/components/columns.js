/* The column picker. Its own list is the truth while it is on screen; Python's copy replaces it when `stamp` changes. */
const states = new WeakMap()
const CHUNK = 120 // rows drawn at once; the next ones when the list is scrolled to its end
const ICON = {
  grip: '<svg width="12" height="16" viewBox="0 0 12 16" fill="currentColor" aria-hidden="true"><circle cx="3" cy="3" r="1.4"/><circle cx="9" cy="3" r="1.4"/><circle cx="3" cy="8" r="1.4"/><circle cx="9" cy="8" r="1.4"/><circle cx="3" cy="13" r="1.4"/><circle cx="9" cy="13" r="1.4"/></svg>',
  up: '<svg width="13" height="13" viewBox="0 0 13 13" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M6.5 11.5v-10M2 6l4.5-4.5L11 6"/></svg>',
  down: '<svg width="13" height="13" viewBox="0 0 13 13" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M6.5 1.5v10M2 7l4.5 4.5L11 7"/></svg>',
}

function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (name === "icon") made.innerHTML = ICON[value]
    else if (name.includes("-")) made.setAttribute(name, value)
    else made[name] = value
  }
  made.append(...children)
  return made
}

export default function (component) {
  const { data, parentElement: root, setStateValue } = component
  const list = root.querySelector("ul")
  const all = root.querySelector(".all")
  const find = root.querySelector(".find")
  const reset = root.querySelector(".reset")
  const state = states.get(root) ?? { stamp: null, columns: [], drawn: 0 }
  states.set(root, state)
  state.send = setStateValue
  state.formats = data.formats

  // A text of the desk in the reader's language, its {slots} filled.
  const told = (name, slots = {}) => data.texts[name].replace(/\{(\w+)\}/g, (_, slot) => slots[slot])
  list.setAttribute("aria-label", told("list"))
  all.setAttribute("aria-label", told("all"))
  reset.textContent = told("reset")
  find.placeholder = told("find")
  find.setAttribute("aria-label", told("find"))

  const shown = () => {
    const wanted = find.value.trim().toLowerCase()
    return wanted ? state.columns.filter(c => (c.name + " " + (c.label ?? "")).toLowerCase().includes(wanted)) : state.columns
  }

  function head() {
    const on = state.columns.filter(c => c.on).length
    const here = shown()
    const ticked = here.filter(c => c.on).length
    all.checked = here.length > 0 && ticked === here.length
    all.indeterminate = ticked > 0 && ticked < here.length
    root.querySelector(".sum").textContent =
      told("sum", { on: on.toLocaleString("en"), all: state.columns.length.toLocaleString("en") })
    reset.hidden = state.columns.every((c, i) => c.on && !c.label && !c.format && c.place === i)
  }

  function emit() {
    head()
    // At once: who renames a column and presses Run means the new name.
    state.send("picked", { stamp: state.stamp, columns: state.columns.map(c => [c.id, c.on, c.label, c.format]) })
  }

  function say(words) {
    root.querySelector(".said").textContent = words
  }

  function move(column, to) {
    const from = state.columns.indexOf(column)
    if (to < 0 || to >= state.columns.length || from === to) return false
    state.columns.splice(from, 1)
    state.columns.splice(to, 0, column)
    say(told("placed", { name: column.name, place: to + 1, all: state.columns.length }))
    return true
  }

  function step(column, by, focus) {
    if (!move(column, state.columns.indexOf(column) + by)) return
    const top = list.scrollTop
    draw(Math.max(state.drawn, state.columns.indexOf(column) + 1))
    list.scrollTop = top
    const row = list.children[state.columns.indexOf(column)]
    row.scrollIntoView({ block: "nearest" })
    const button = row.querySelector(focus)
    ;(button.disabled ? row.querySelector(".grip") : button).focus()
    emit()
  }

  function drag(event, column, row) {
    if (event.button > 0) return
    event.preventDefault()
    const grip = event.currentTarget
    grip.focus()
    grip.setPointerCapture(event.pointerId)
    row.classList.add("held")
    let moved = false
    grip.onpointermove = at => {
      const box = list.getBoundingClientRect()
      if (at.clientY < box.top + 24) list.scrollTop -= 12
      if (at.clientY > box.bottom - 24) list.scrollTop += 12
      const previous = row.previousElementSibling
      const next = row.nextElementSibling
      const middle = other => { const r = other.getBoundingClientRect(); return r.top + r.height / 2 }
      if (previous && at.clientY < middle(previous)) { list.insertBefore(row, previous); moved = true }
      else if (next && at.clientY > middle(next)) { list.insertBefore(next, row); moved = true }
      if (moved && !grip.hasPointerCapture(event.pointerId)) grip.setPointerCapture(event.pointerId)
    }
    grip.onpointerup = grip.onpointercancel = () => {
      grip.onpointermove = grip.onpointerup = grip.onpointercancel = null
      row.classList.remove("held")
      if (moved && move(column, [...list.children].indexOf(row))) {
        draw(state.drawn)
        list.children[state.columns.indexOf(column)].querySelector(".grip").focus({ preventScroll: true })
        emit()
      }
    }
  }

  function line(column) {
    const place = state.columns.indexOf(column)
    const tick = element("input", { type: "checkbox", checked: column.on, ariaLabel: told("include", column) })
    const label = element("input", {
      type: "text", className: "new", value: column.label ?? "", placeholder: column.name, autocomplete: "off", spellcheck: false,
      ariaLabel: told("label_of", column), title: told("label"),
    })
    const format = element("span", { className: "fmt" })
    const choices = state.formats[column.formats] ?? []
    if (choices.length) {
      const select = element("select", { ariaLabel: told("written_of", column), title: told("written") },
        ...choices.map(([key, words]) => element("option", { value: key, textContent: words })))
      select.value = column.format ?? ""
      select.onchange = () => { column.format = select.value || null; select.classList.toggle("changed", !!column.format); emit() }
      select.classList.toggle("changed", !!column.format)
      format.append(select)
    }
    const grip = element("button", { type: "button", className: "grip", icon: "grip", title: told("drag"), ariaLabel: told("move", column) })
    const up = element("button", { type: "button", className: "up", icon: "up", disabled: place === 0, title: told("up"), ariaLabel: told("up_of", column) })
    const down = element("button", { type: "button", className: "down", icon: "down", disabled: place === state.columns.length - 1, title: told("down"), ariaLabel: told("down_of", column) })
    const name = element("span", { className: "name", title: column.name }, element("b", { textContent: column.name }), element("small", { textContent: column.words }))
    const row = element("li", { className: column.on ? "" : "off" }, grip, tick, name, label, format, element("span", { className: "moves" }, up, down))
    const toggle = () => { column.on = tick.checked; row.classList.toggle("off", !column.on); emit() }
    tick.onchange = toggle
    name.onclick = () => { tick.checked = !tick.checked; toggle() }
    const showChange = () => label.classList.toggle("changed", !!column.label)
    showChange()
    label.onchange = () => {
      const typed = label.value.trim()
      column.label = typed && typed !== column.name ? typed : null
      label.value = column.label ?? ""
      showChange()
      emit()
    }
    label.onkeydown = event => {
      if (event.key === "Enter") label.blur()
      if (event.key === "Escape") { label.value = column.label ?? ""; label.blur() }
    }
    up.onclick = () => step(column, -1, ".up")
    down.onclick = () => step(column, 1, ".down")
    grip.onpointerdown = event => drag(event, column, row)
    grip.onkeydown = event => {
      if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return
      event.preventDefault()
      step(column, event.key === "ArrowUp" ? -1 : 1, ".grip")
    }
    return row
  }

  function draw(upTo = CHUNK) {
    const here = shown()
    list.classList.toggle("finding", find.value.trim() !== "")
    state.drawn = Math.min(Math.max(upTo, CHUNK), here.length)
    list.replaceChildren(...here.slice(0, state.drawn).map(line))
    if (!here.length) list.append(element("li", { className: "none", textContent: told("none") }))
    head()
  }

  list.onscroll = () => {
    if (state.drawn >= shown().length || list.scrollTop + list.clientHeight < list.scrollHeight - 200) return
    const more = shown().slice(state.drawn, state.drawn + CHUNK)
    list.append(...more.map(line))
    state.drawn += more.length
  }
  find.oninput = () => { list.scrollTop = 0; draw() }
  find.onkeydown = event => { if (event.key === "Escape") { find.value = ""; draw() } }
  all.onchange = () => { const on = all.checked; shown().forEach(c => { c.on = on }); draw(state.drawn); emit() }
  reset.onclick = () => {
    state.columns.sort((a, b) => a.place - b.place)
    state.columns.forEach(c => { c.on = true; c.label = null; c.format = null })
    find.value = ""
    draw()
    say(told("back"))
    emit()
  }

  if (state.stamp !== data.stamp) {
    state.stamp = data.stamp
    state.columns = data.columns.map(c => ({ ...c }))
    find.hidden = state.columns.length < 8
    draw()
  }
}
