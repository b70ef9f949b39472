/* The value picker: a field that opens a searchable list with counts. What is chosen here leads; Python's copy replaces it when `stamp` changes. */
const states = new WeakMap()
const CHIPS = 6 // chosen values printed in the field before “+ 12”

export default function (component) {
  const { data, parentElement: root, setStateValue } = component
  const field = root.querySelector(".field")
  const pop = root.querySelector(".pop")
  const find = root.querySelector(".find")
  const options = root.querySelector(".options")
  const state = states.get(root) ?? { stamp: null, values: [], asked: "", searching: 0, next: null, place: null }
  states.set(root, state)
  state.send = setStateValue
  state.data = data
  if (state.stamp !== data.stamp) {
    state.stamp = data.stamp
    state.values = [...data.values]
    state.asked = data.search ?? ""
    find.value = state.asked
  }

  // A text of the desk in the reader's language, its {slots} filled.
  const told = (name, slots = {}) => data.texts[name].replace(/\{(\w+)\}/g, (_, slot) => slots[slot])
  const same = (a, b) => a === b || (a !== null && b !== null && String(a) === String(b))
  const has = value => state.values.some(v => same(v, value))
  const words = value => data.words[String(value)] ?? String(value)

  function emit() {
    state.send("picked", { stamp: state.stamp, values: [...state.values] })
  }

  function span(name, text) {
    const made = document.createElement("span")
    made.className = name
    made.textContent = text
    return made
  }

  function drawField() {
    field.setAttribute("aria-label", data.label)
    const chips = state.values.slice(0, CHIPS).map(v => { const c = span("chip", words(v)); c.title = words(v); return c })
    if (state.values.length > CHIPS) chips.push(span("more", `+ ${(state.values.length - CHIPS).toLocaleString("en")}`))
    field.replaceChildren(...(chips.length ? chips : [span("hint", data.placeholder)]))
    root.querySelector(".clear").hidden = !state.values.length
  }

  function toggle(value, option) {
    state.values = has(value) ? state.values.filter(v => !same(v, value)) : data.many ? [...state.values, value] : [value]
    if (option) option.setAttribute("aria-selected", has(value))
    drawField()
    note()
    emit()
    if (!data.many) { pop.hidePopover(); field.focus() }
  }

  function optionOf(value, text, count) {
    const made = document.createElement("div")
    made.className = "option"
    made.tabIndex = -1
    made.setAttribute("role", "option")
    made.setAttribute("aria-selected", has(value))
    made.append(span("box", ""), span("word", text), span("count", count === null ? "" : count.toLocaleString("en")))
    made.title = text
    made.onclick = () => toggle(value, made)
    return made
  }

  // Why the list has no values, as the one thing in it: a list without any is not read out.
  function empty(words) {
    const made = span("nothing", words)
    made.setAttribute("role", "option")
    made.setAttribute("aria-disabled", "true")
    return made
  }

  function note() {
    const chosen = state.values.length
    const parts = []
    if (chosen) parts.push(told("chosen", { n: chosen.toLocaleString("en") }))
    if (data.choices && data.more) parts.push(told("most", { n: data.choices.length }))
    if (!data.choices) return
    root.querySelector(".note").textContent = parts.join(" · ") || told("values", { n: data.choices.length.toLocaleString("en") })
  }

  function drawOptions() {
    if (!data.choices) {
      // The column is looked at when somebody opens the list, not before.
      options.replaceChildren(empty(told("looking")))
      root.querySelector(".note").textContent = ""
      return
    }
    const typed = find.value.trim()
    const at = options.scrollTop
    const made = data.choices.map(([value, count]) => optionOf(value, words(value), count))
    const listed = value => data.choices.some(([v]) => same(v, value))
    // What is chosen but not in the list (typed, or rare) stays in sight while nothing is searched.
    const kept = typed ? [] : state.values.filter(v => !listed(v)).map(v => optionOf(v, words(v), null))
    const own = data.free && typed && !listed(typed) ? [optionOf(typed, told("use", { value: typed }), null)] : []
    const here = root.activeElement ?? document.activeElement
    const held = options.contains(here) ? here.title : null // a list that is drawn again leaves the focus where it was
    options.replaceChildren(...kept, ...made, ...own) // what was typed in part comes last: Enter takes what is in the column
    if (!options.children.length) options.append(empty(told("nothing")))
    options.scrollTop = at
    if (held !== null) [...options.children].find(option => option.title === held)?.focus({ preventScroll: true })
    options.classList.toggle("waiting", state.asked !== (data.search ?? ""))
    note()
    if (state.next) first(state.next)
  }

  // Do it with the first value; while the list is older than what was typed, as soon as the answer is there.
  function first(act) {
    state.next = options.classList.contains("waiting") ? act : null
    if (!state.next) act(options.querySelector(".option"))
  }

  function placePop() {
    const box = field.getBoundingClientRect()
    const below = innerHeight - box.bottom - 12
    const above = box.top - 12
    const width = Math.min(Math.max(box.width, 280), innerWidth - 16)
    const up = below < 240 && above > below
    pop.style.width = `${width}px`
    pop.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`
    pop.style.maxHeight = `${Math.min(380, up ? above : below)}px`
    pop.style.top = up ? "auto" : `${box.bottom + 5}px`
    pop.style.bottom = up ? `${innerHeight - box.top + 5}px` : "auto"
  }

  field.onclick = () => pop.togglePopover()
  field.onkeydown = event => {
    if (event.key === "ArrowDown") { event.preventDefault(); pop.showPopover() }
  }
  pop.onbeforetoggle = event => {
    if (event.newState !== "open") return
    find.value = state.asked = ""
    placePop()
    drawOptions()
    if (data.search !== "") state.send("search", "")
  }
  pop.ontoggle = event => {
    const open = event.newState === "open"
    state.next = null
    field.setAttribute("aria-expanded", open)
    if (open) {
      state.place = () => placePop()
      addEventListener("scroll", state.place, true)
      addEventListener("resize", state.place)
      find.focus()
    } else {
      removeEventListener("scroll", state.place, true)
      removeEventListener("resize", state.place)
    }
  }
  find.oninput = () => {
    clearTimeout(state.searching)
    state.asked = find.value.trim()
    state.next = null
    options.classList.toggle("waiting", state.asked !== (data.search ?? ""))
    state.searching = setTimeout(() => state.send("search", state.asked), 180)
  }
  find.onkeydown = event => {
    if (event.key === "ArrowDown") { event.preventDefault(); first(option => option?.focus()) }
    if (event.key === "Enter") { event.preventDefault(); first(option => option?.click()) }
  }
  options.onkeydown = event => {
    const here = root.activeElement ?? document.activeElement
    if (!here?.classList.contains("option")) return
    if (event.key === "ArrowDown") { event.preventDefault(); here.nextElementSibling?.focus() }
    if (event.key === "ArrowUp") { event.preventDefault(); (here.previousElementSibling ?? find).focus() }
    if (event.key === " " || event.key === "Enter") { event.preventDefault(); here.click() }
  }
  root.querySelector(".clear").onclick = () => { state.values = []; drawField(); drawOptions(); emit() }

  find.placeholder = told("search")
  find.setAttribute("aria-label", told("find"))
  options.setAttribute("aria-label", data.label)
  options.setAttribute("aria-multiselectable", data.many)
  root.querySelector(".clear").textContent = told("clear")
  drawField()
  if (pop.matches(":popover-open")) { drawOptions(); placePop() }
  return () => {
    clearTimeout(state.searching)
    if (state.place) { removeEventListener("scroll", state.place, true); removeEventListener("resize", state.place) }
  }
}
