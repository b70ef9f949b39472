// Files go to /api/uploads in chunks, one file at a time. The server says how much it has; we go on from there.
//   POST /api/uploads {name, size}            → {id, chunk}
//   PUT  /api/uploads/<id>?offset=<n> <bytes>  → {received}   (409 says in its details what it has: go on from there)
//   GET  /api/uploads/<id>                    → {received}
//   DELETE /api/uploads/<id>
// The queue lives on `window`, so it goes on while the person looks at another page of the desk.

const BASE = '/api/uploads'
const RETRIES = 5             // per chunk, before the person is asked
const BACKOFF = 500           // milliseconds, doubled each time
const TICKET_WAIT = 8000      // milliseconds for a fresh ticket to arrive from the server

const size = n => n >= 999.5e6 ? (n / 1e9).toFixed(2) + ' GB' : n >= 999.5e3 ? (n / 1e6).toFixed(1) + ' MB' : Math.ceil(n / 1e3) + ' KB'
const left = s => s < 1.5 ? '1 s' : s < 90 ? Math.round(s) + ' s' : Math.round(s / 60) + ' min'
const pause = ms => new Promise(done => setTimeout(done, ms))

class Lost extends Error {}      // the connection went away: worth trying again
class Refused extends Error {}   // the server said no: say what it said

function queueOf(key) {
  const all = (window.__exportDeskUploads ||= {})
  return (all[key] ||= { items: [], running: false, page: null })
}

function reply(xhr) {
  let body = {}
  try { body = JSON.parse(xhr.responseText) } catch { /* a proxy's page, not ours */ }
  return body
}

// A text of the desk in the reader's language, its {slots} filled.
function told(queue, name, slots = {}) {
  return queue.page.data.texts[name].replace(/\{(\w+)\}/g, (_, slot) => slots[slot])
}

function problem(queue, body, status) {
  const e = body.error || body.detail || body
  const words = [e.message, e.next_step].filter(Boolean).join(' ')
  return words || (typeof e === 'string' && e) || told(queue, 'answered', { status })
}

// One request. Progress goes to `onsent`; the item's `xhr` can be aborted.
function ask(queue, item, method, url, body, onsent) {
  return new Promise((answer, fail) => {
    const xhr = item.xhr = new XMLHttpRequest()
    xhr.open(method, url)
    xhr.setRequestHeader('X-Upload-Ticket', queue.page.data.ticket)
    if (typeof body === 'string') xhr.setRequestHeader('Content-Type', 'application/json')
    if (onsent) xhr.upload.onprogress = e => onsent(e.loaded)
    xhr.onload = () => answer({ status: xhr.status, body: reply(xhr) })
    xhr.onerror = xhr.ontimeout = () => fail(new Lost())
    xhr.onabort = () => fail(new Lost('aborted'))
    xhr.send(body ?? null)
  })
}

// A ticket is short-lived: when it has run out, the page is asked for a new one.
async function ticketed(queue, item, method, url, body, onsent) {
  const before = queue.page.data.ticket
  const first = await ask(queue, item, method, url, body, onsent)
  if (first.status !== 401) return first
  queue.page.setTriggerValue('ticket', Date.now())
  for (let waited = 0; waited < TICKET_WAIT && queue.page.data.ticket === before; waited += 100) await pause(100)
  return ask(queue, item, method, url, body, onsent)
}

const mark = file => 'export-desk-upload:' + [file.name, file.size, file.lastModified].join(':')

// Where to go on: the id and what the server already has of this very file, or a new upload.
async function start(queue, item) {
  const known = item.id || localStorage.getItem(mark(item.file))
  if (known) {
    const { status, body } = await ticketed(queue, item, 'GET', BASE + '/' + known)
    if (status === 200 && body.size === item.file.size && body.received < body.size) {
      item.id = known; item.chunk ||= body.chunk || 8 * 1024 * 1024
      return body.received
    }
    if (status >= 500) throw new Lost()
  }
  const { status, body } = await ticketed(queue, item, 'POST', BASE, JSON.stringify({ name: item.file.name, size: item.file.size }))
  if (status >= 500) throw new Lost()
  if (status >= 300) throw new Refused(problem(queue, body, status))
  item.id = body.id; item.chunk = body.chunk
  localStorage.setItem(mark(item.file), body.id)
  return 0
}

async function send(queue, item) {
  item.state = 'sending'; item.said = ''; show(queue)
  let tries = 0, offset = null
  const size_ = item.file.size
  while (item.state === 'sending') {
    try {
      if (offset === null) { offset = await start(queue, item); item.from = offset; item.since = performance.now() }
      if (offset >= size_) break
      const piece = item.file.slice(offset, offset + item.chunk), at = offset
      const { status, body } = await ticketed(queue, item, 'PUT', BASE + '/' + item.id + '?offset=' + at, piece,
        sent => { item.sent = Math.min(at + sent, size_); show(queue) })
      if (status >= 500 && status !== 507) throw new Lost()
      const has = status === 409 ? body.error?.details?.received : body.received
      if (has === undefined) throw new Refused(problem(queue, body, status))
      offset = item.sent = has; tries = 0; show(queue)
    } catch (error) {
      if (item.state !== 'sending') return
      if (error instanceof Refused) return settle(queue, item, 'failed', error.message)
      if (!(error instanceof Lost)) throw error
      if (++tries > RETRIES) return settle(queue, item, 'paused', told(queue, 'lost'))
      item.said = told(queue, 'again'); show(queue)
      offset = null
      await Promise.race([pause(BACKOFF * 2 ** (tries - 1)), new Promise(back => addEventListener('online', back, { once: true }))])
      item.said = ''
    }
  }
  if (item.state !== 'sending') return
  localStorage.removeItem(mark(item.file))
  settle(queue, item, 'done', '')
}

function settle(queue, item, state, said) { item.state = state; item.said = said; show(queue) }

async function run(queue) {
  if (queue.running) return
  queue.running = true
  addEventListener('beforeunload', warn)
  try {
    for (let item; (item = queue.items.find(i => i.state === 'waiting'));) {
      await send(queue, item)
      if (item.state === 'done') tell(queue)
    }
  } finally {
    queue.running = false
    removeEventListener('beforeunload', warn)
    show(queue)
  }
}

const warn = event => event.preventDefault()   // "Leave the page?" only while something is on its way

// What has arrived, for Python. All of it each time: two files that arrive together then cannot hide one another.
function tell(queue) {
  const done = queue.items.filter(i => i.state === 'done').map(i => ({ id: i.id, name: i.file.name, size: i.file.size }))
  queue.page.setStateValue('uploads', done)
}

function cancel(queue, item) {
  item.state = 'cancelled'
  item.xhr?.abort()
  localStorage.removeItem(mark(item.file))
  if (item.id) ask(queue, { ...item }, 'DELETE', BASE + '/' + item.id).catch(() => {})   // else it expires by itself
  queue.items = queue.items.filter(i => i !== item)
  show(queue)
  queue.page.root.querySelector('.choose').focus()
}

function resume(queue, item) { item.state = 'waiting'; show(queue); run(queue) }

function add(queue, files) {
  for (const file of files) {
    const item = { file, state: 'waiting', sent: 0, said: '' }
    if (file.size === 0) { item.state = 'failed'; item.said = told(queue, 'empty') }
    else if (file.size > queue.page.data.limit) {
      item.state = 'failed'; item.said = told(queue, 'large', { size: size(file.size), limit: size(queue.page.data.limit) })
    }
    queue.items.push(item)
  }
  show(queue); run(queue)
}

function words(queue, item) {
  if (item.said) return item.said
  const whole = size(item.file.size)
  if (item.state === 'waiting') return told(queue, 'waiting', { size: whole })
  if (item.state === 'done') return told(queue, 'uploaded', { size: whole })
  const seconds = (performance.now() - (item.since ?? performance.now())) / 1000, speed = (item.sent - (item.from ?? 0)) / seconds
  const sent = { sent: size(item.sent), size: whole }
  if (seconds <= 0.4 || speed <= 0) return told(queue, 'sent', sent)
  return told(queue, 'pace', { ...sent, speed: size(speed), time: left((item.file.size - item.sent) / speed) })
}

function show(queue) {
  const list = queue.page.root.querySelector('.files')
  const shown = queue.items.filter(i => i.state !== 'done' || !queue.page.data.taken.includes(i.id))
  for (const li of [...list.children]) if (!shown.includes(li._item)) li.remove()
  for (const item of shown) {
    let li = [...list.children].find(l => l._item === item)
    if (!li) { li = row(queue); li._item = item; list.append(li) }
    const percent = Math.floor(100 * item.sent / Math.max(1, item.file.size))
    li.className = item.state
    li.querySelector('.name').textContent = li.querySelector('.name').title = item.file.name
    li.querySelector('.said').textContent = words(queue, item)
    const bar = li.querySelector('.bar')
    bar.firstChild.style.width = percent + '%'
    bar.setAttribute('aria-valuenow', percent)
    bar.setAttribute('aria-label', item.file.name)
    const go = li.querySelector('.go'), stop = li.querySelector('.stop')
    go.hidden = item.state !== 'paused'
    go.onclick = () => resume(queue, item)
    stop.hidden = item.state === 'done'
    stop.textContent = told(queue, item.state === 'failed' ? 'dismiss' : 'cancel')
    stop.setAttribute('aria-label', stop.textContent + ' ' + item.file.name)
    stop.onclick = () => cancel(queue, item)
  }
}

function row(queue) {
  const make = (tag, className, more = {}) => Object.assign(document.createElement(tag), { className, ...more })
  const li = document.createElement('li'), acts = make('span', 'acts'), bar = make('div', 'bar')
  bar.setAttribute('role', 'progressbar'); bar.setAttribute('aria-valuemin', 0); bar.setAttribute('aria-valuemax', 100)
  bar.append(document.createElement('i'))
  acts.append(make('button', 'go', { type: 'button', textContent: told(queue, 'continue') }), make('button', 'stop', { type: 'button' }))
  li.append(make('span', 'name'), acts, bar, make('span', 'said'))
  return li
}

export default function (component) {
  const { data, parentElement: root, setStateValue, setTriggerValue } = component
  const queue = queueOf(data.key)
  const zone = root.querySelector('.zone'), input = root.querySelector('input')
  const returned = queue.page?.root !== root
  queue.page = { data, root, setStateValue, setTriggerValue }
  queue.items = queue.items.filter(i => i.state !== 'done' || !data.taken.includes(i.id))

  root.querySelector('.lead').textContent = data.lead
  root.querySelector('.hint').textContent = data.hint
  const choose = root.querySelector('.choose')
  choose.textContent = data.button
  choose.setAttribute('aria-describedby', 'hint')
  zone.classList.toggle('quiet', data.quiet)
  input.accept = data.accept
  input.multiple = data.several

  zone.onclick = () => input.click()
  zone.ondragover = e => { e.preventDefault(); zone.classList.add('over') }
  zone.ondragleave = () => zone.classList.remove('over')
  zone.ondrop = e => { e.preventDefault(); zone.classList.remove('over'); add(queue, data.several ? [...e.dataTransfer.files] : [...e.dataTransfer.files].slice(0, 1)) }
  input.onclick = e => e.stopPropagation()
  input.onchange = () => { add(queue, [...input.files]); input.value = '' }

  show(queue)
  if (returned && queue.items.some(i => i.state === 'done')) tell(queue)
}
