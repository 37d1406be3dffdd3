// The table of jobs: a treegrid, a row for each job and one for each computer of a job on several.

const COLUMNS = [
  ["id", "Id"], ["name", "Name"], ["state", "State"], ["progress", "Progress"], ["elapsed", "Elapsed"],
  ["lines", "Lines"], ["location", "Location"], ["newest", "Newest output"], ["actions", "Actions"],
];
const KERNEL_GONE = "This kernel is gone; unfinished jobs go on. Run %load_ext jobmagics, then %watch, to see them.";

class TableView {
  constructor(model, el) {
    this.model = model;
    this.root = el;
    this.connected = true;
    this.lines = new Map(); // job id -> the elements of its line
    this.open = new Map(); // job id -> whether the reader opened or closed it
    this.states = new Map(); // job id -> its last state
    el.classList.add("jobmagics");
    // else the notebook takes the arrow keys and Enter; it looks for this at what has the focus, not above it
    el.addEventListener("focusin", (event) => {
      event.target.dataset.lmSuppressShortcuts = "true";
      this.focus = event.target;
    });
    el.addEventListener("focusout", (event) => {
      if (event.relatedTarget || event.target.isConnected) this.focus = undefined;
    });
    const send = (message) => this.send(message);
    this.questions = new Questions(el, send);
    this.scroller = make("div", "jobmagics-scroller", el);
    this.scroller.addEventListener("scroll", () => {
      this.scrolledTo = this.scroller.scrollTop;
    });
    this.buildTable(this.scroller);
    this.empty = make("p", "jobmagics-quiet", el, "No jobs yet.");
    this.details = new Details(el, send, (row) => this.closed(row));
    this.status = make("div", "jobmagics-note", el);
    this.status.setAttribute("role", "status");
    this.notify = new NotifyButton(el);
  }

  destroy() {
    this.details.destroy();
  }

  // Into another element: a browser forgets where things were scrolled to, and what had the focus.
  moved() {
    this.scroller.scrollTop = this.scrolledTo ?? 0;
    this.details.output?.resized();
    if (this.focus && document.activeElement === document.body) this.focus.focus({ preventScroll: true });
  }

  send(message) {
    try {
      this.model.send(message);
    } catch {
      this.setConnected(false); // a dead kernel cannot be asked
    }
  }

  buildTable(scroller) {
    this.table = make("table", "jobmagics-table", scroller);
    this.table.setAttribute("role", "treegrid");
    this.table.setAttribute("aria-label", "PowerShell jobs");
    const head = make("tr", "", make("thead", "", this.table));
    head.setAttribute("role", "row");
    for (const [key, title] of COLUMNS) {
      const cell = make("th", `jobmagics-${key}`, head, title);
      cell.scope = "col";
      cell.setAttribute("role", "columnheader");
    }
    this.body = make("tbody", "", this.table);
    this.body.addEventListener("keydown", (event) => this.pressed(event));
    this.body.addEventListener("focusin", (event) => this.focused(event));
  }

  // -- rows

  update() {
    const rows = this.model.get("rows");
    this.children = new Map();
    for (const row of rows) {
      if (row.parent === null) continue;
      if (!this.children.has(row.parent)) this.children.set(row.parent, []);
      this.children.get(row.parent).push(row);
    }
    const ordered = rows.filter((row) => row.parent === null).flatMap((row) => [row, ...this.childrenOf(row.id)]);
    this.forget(new Set(ordered.map((row) => row.id)));
    ordered.forEach((row, place) => this.place(row, place));
    this.questions.update(rows);
    this.empty.hidden = rows.length > 0;
    this.table.hidden = rows.length === 0;
    if (this.details.isOpen) this.details.update(rows.find((row) => row.id === this.details.row.id));
    if (!this.body.querySelector("tr[tabindex='0']")) this.body.firstChild?.setAttribute("tabindex", "0");
    this.tick();
  }

  childrenOf(id) {
    return this.children.get(id) ?? [];
  }

  forget(known) {
    for (const [id, line] of this.lines) {
      if (!known.has(id)) {
        line.element.remove();
        this.lines.delete(id);
        this.states.delete(id);
      }
    }
  }

  place(row, place) {
    let line = this.lines.get(row.id);
    if (!line) {
      line = this.makeLine(row);
      this.lines.set(row.id, line);
    }
    if (this.body.children[place] !== line.element) {
      this.body.insertBefore(line.element, this.body.children[place] ?? null);
    }
    const own = this.childrenOf(row.id);
    const parts = own.length > 1 ? `${own.filter((child) => FINISHED.has(child.state)).length} of ${own.length}` : "";
    line.row = row;
    line.element.hidden = row.parent !== null && !this.isOpen(row.parent);
    if (!line.element.hidden && (line.shown !== row || line.parts !== parts)) this.fill(line, row, parts);
    this.fold(line, own.length);
    line.element.classList.toggle("jobmagics-opened", this.details.row?.id === row.id);
    this.watchEnd(row);
  }

  watchEnd(row) {
    const before = this.states.get(row.id);
    this.states.set(row.id, row.state);
    if (row.parent === null && before && !FINISHED.has(before) && FINISHED.has(row.state)) pageNotes().end(row);
  }

  // One computer's line repeats its job's, so it starts folded away; several start open.
  isOpen(id) {
    return this.open.get(id) ?? this.childrenOf(id).length > 1;
  }

  setOpen(id, open) {
    this.open.set(id, open);
    this.update();
  }

  fold(line, count) {
    const open = this.isOpen(line.row.id);
    if (line.folded === `${count} ${open}`) return;
    line.folded = `${count} ${open}`;
    line.fold.hidden = count === 0;
    setText(line.fold, open ? "▾" : "▸");
    setAttribute(line.fold, "aria-label", `${open ? "Hide" : "Show"} the computers of ${line.row.name}`);
    if (count) setAttribute(line.element, "aria-expanded", String(open));
    else line.element.removeAttribute("aria-expanded");
  }

  makeLine(row) {
    const element = document.createElement("tr");
    element.dataset.job = String(row.id);
    element.setAttribute("role", "row");
    element.setAttribute("aria-level", row.parent === null ? "1" : "2");
    element.tabIndex = -1;
    const cells = {};
    for (const [key] of COLUMNS) {
      cells[key] = make("td", `jobmagics-${key}`, element);
      cells[key].setAttribute("role", "gridcell");
    }
    const fold = makeButton("jobmagics-fold", cells.name, "", () => this.setOpen(row.id, !this.isOpen(row.id)));
    const name = make("bdi", "", cells.name);
    const icon = make("span", "jobmagics-icon", cells.state);
    icon.setAttribute("aria-hidden", "true");
    const state = make("span", "", cells.state);
    const bars = make("div", "", cells.progress);
    const left = make("span", "jobmagics-quiet jobmagics-left", cells.progress);
    const [lines, errors, warnings] = ["lines-count", "errors-count", "warnings-count"].map(
      (kind) => make("span", `jobmagics-${kind}`, cells.lines),
    );
    cells.newest.dir = "auto";
    const details = makeButton("jobmagics-open", cells.actions, "Details", () => this.details.open(this.rowOf(row.id)));
    const stop = makeButton("jobmagics-stop", cells.actions, "Stop", () => {
      stop.disabled = true;
      this.send({ kind: "stop", id: row.id });
    });
    element.addEventListener("dblclick", () => this.details.open(this.rowOf(row.id)));
    return { element, cells, fold, name, icon, state, bars, left, lines, errors, warnings, details, stop };
  }

  rowOf(id) {
    return this.lines.get(id).row;
  }

  fill(line, row, parts) {
    line.shown = row;
    line.parts = parts;
    const ended = FINISHED.has(row.state);
    line.element.classList.toggle("jobmagics-child", row.parent !== null);
    line.element.dataset.state = row.state;
    setText(line.cells.id, String(row.id));
    setText(line.name, row.parent === null ? row.name : `${row.location} · ${row.name}`);
    line.cells.name.title = row.name;
    setText(line.icon, ICONS[row.state] ?? "");
    setText(line.state, row.state);
    this.fillProgress(line.bars, row, ended ? "" : parts);
    setText(line.lines, row.lines.toLocaleString());
    setText(line.errors, row.errors ? ` ✖ ${row.errors.toLocaleString()}` : "");
    setText(line.warnings, row.warnings ? ` ⚠ ${row.warnings.toLocaleString()}` : "");
    line.errors.title = row.errors === 1 ? "1 error" : `${row.errors} errors`;
    line.warnings.title = row.warnings === 1 ? "1 warning" : `${row.warnings} warnings`;
    setText(line.cells.location, row.location);
    line.cells.location.title = row.location;
    setText(line.cells.newest, row.reason || row.newest);
    line.cells.newest.classList.toggle("jobmagics-reason", Boolean(row.reason));
    line.cells.newest.title = row.reason || row.newest;
    line.details.setAttribute("aria-label", `Details of ${row.name}`);
    line.stop.hidden = ended || row.state === "Stopping";
    line.stop.setAttribute("aria-label", `Stop ${row.name}`);
    if (line.stop.dataset.state !== row.state) line.stop.disabled = false;
    line.stop.dataset.state = row.state;
  }

  // The bars of Write-Progress below each other; a job on several computers has one of those that are done.
  fillProgress(place, row, parts) {
    const [done, count] = parts.split(" of ").map(Number);
    const bars = parts
      ? [{ activity: "", status: `${parts} done`, percent: (100 * done) / count, left: -1, depth: 0 }]
      : row.bars;
    while (place.children.length > bars.length) place.lastChild.remove();
    bars.forEach((bar, number) => {
      const element = place.children[number] ?? makeBar(place);
      fillBar(element, bar, row.name);
    });
  }

  // -- clocks and notes

  tick() {
    this.notify.update();
    if (!this.connected) return;
    const now = kernelNow(this.model);
    for (const { element, row, cells, left } of this.lines.values()) {
      if (element.hidden) continue;
      setText(cells.elapsed, elapsed(row, now));
      setText(left, row.expires && row.state === "Disconnected" ? `kept ${clockText(Math.max(0, row.expires - now) / 1000)} left` : "");
    }
  }

  // Without a kernel nothing here is known any more: no clock ticks, no button pretends to work.
  setConnected(connected) {
    if (this.connected === connected) return;
    this.connected = connected;
    const isUnfinished = this.model.get("rows").some((row) => !FINISHED.has(row.state));
    this.root.classList.toggle("jobmagics-alone", !connected);
    this.root.classList.toggle("jobmagics-stale", !connected && isUnfinished);
    if (isUnfinished) this.note(connected ? "" : KERNEL_GONE, true);
    this.tick();
  }

  receive(message) {
    this.setConnected(true);
    for (const reply of message.replies ?? []) {
      if (reply.kind === "note") this.note(reply.text, reply.failed);
      else this.details.receive(reply);
    }
  }

  note(text, failed) {
    setText(this.status, text);
    this.status.classList.toggle("jobmagics-bad", Boolean(failed));
    for (const { stop } of this.lines.values()) stop.disabled = false;
    this.questions.enable();
    if (this.details.isOpen) this.details.enable();
  }

  // -- keys

  closed(row) {
    this.lines.get(row.id)?.element.focus({ preventScroll: true });
  }

  focused(event) {
    const line = event.target.closest("tr");
    for (const other of this.body.querySelectorAll("tr[tabindex='0']")) other.tabIndex = -1;
    line.tabIndex = 0;
  }

  pressed(event) {
    const line = event.target.closest("tr");
    const row = this.lines.get(Number(line.dataset.job)).row;
    const shown = [...this.body.children].filter((each) => !each.hidden);
    const go = (place) => shown[Math.max(0, Math.min(place, shown.length - 1))]?.focus();
    const here = shown.indexOf(line);
    const isOnRow = event.target === line;
    const keys = {
      ArrowDown: () => go(here + 1),
      ArrowUp: () => go(here - 1),
      Home: () => go(0),
      End: () => go(shown.length - 1),
      ArrowRight: () => this.childrenOf(row.id).length && this.setOpen(row.id, true),
      ArrowLeft: () => (row.parent === null
        ? this.childrenOf(row.id).length && this.setOpen(row.id, false)
        : this.lines.get(row.parent).element.focus()),
      Enter: () => isOnRow && this.details.open(row),
    };
    if (!keys[event.key] || (event.key === "Enter" && !isOnRow)) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  }
}

function makeBar(cell) {
  const element = make("div", "jobmagics-progress-line", cell);
  const bar = make("progress", "jobmagics-bar", element);
  bar.max = 100;
  make("span", "jobmagics-percent", element);
  make("bdi", "jobmagics-activity", element);
  return element;
}

function fillBar(element, bar, name) {
  const [progress, percent, activity] = element.children;
  element.style.paddingInlineStart = `${bar.depth}em`;
  progress.hidden = bar.percent < 0;
  progress.value = Math.max(0, bar.percent);
  progress.setAttribute("aria-label", `${bar.activity || "progress"} of ${name}`);
  setText(percent, bar.percent < 0 || !bar.activity ? "" : `${bar.percent} %`);
  const left = bar.left >= 0 ? `${clockText(bar.left)} left` : "";
  const words = [bar.activity, bar.status, left].filter(Boolean).join(" · ");
  setText(activity, words);
  element.title = words;
}
