// The live job table. One ES module, no build step, no network.
//
// The kernel's state holds all rows (so that a reload or a second tab is complete at once); between
// that, messages of kind "patch" carry only the rows that changed. Text from jobs is set with textContent only.

const FINISHED = new Set(["Completed", "Failed", "Stopped"]);
const ICONS = {
  NotStarted: "○", Running: "▶", Completed: "✔", Failed: "✖", Stopped: "■", Blocked: "?", Suspended: "‖",
  Disconnected: "⇠", Suspending: "‖", Stopping: "■", AtBreakpoint: "●",
};
const COLUMNS = [
  ["id", "Id"], ["name", "Name"], ["state", "State"], ["progress", "Progress"], ["elapsed", "Elapsed"],
  ["lines", "Lines"], ["location", "Location"], ["newest", "Newest output"], ["actions", ""],
];
const ELAPSED_EVERY_MS = 500;
const KERNEL_GONE = "This kernel is gone; unfinished jobs go on. Run %load_ext jobmagics, then %watch, to see them.";

function initialize({ model }) {
  const onMessage = (message) => {
    if (message.kind === "patch") {
      model.set({ rows: applyPatch(model.get("rows"), message), clock: message.clock });
    }
  };
  model.on("msg:custom", onMessage);
  noteClock(model);
  model.on("change:clock", () => noteClock(model));
  return () => model.off("msg:custom", onMessage);
}

function applyPatch(rows, { changed, removed }) {
  const gone = new Set(removed);
  const fresh = new Map(changed.map((row) => [row.id, row]));
  const kept = rows.filter((row) => !gone.has(row.id)).map((row) => {
    const found = fresh.get(row.id) ?? row;
    fresh.delete(row.id);
    return found;
  });
  return [...kept, ...fresh.values()].sort((one, other) => one.id - other.id);
}

// The reader's clock may differ from the kernel's: elapsed times use the kernel's.
const offsets = new WeakMap();
function noteClock(model) {
  offsets.set(model, (model.get("clock") || Date.now()) - Date.now());
}

function render({ model, el }) {
  const view = new TableView(model, el);
  const update = () => view.update();
  const onMessage = (message) => {
    view.setConnected(true);
    if (message.kind === "note") view.note(message.text);
  };
  // The front end says that the comm came or went, not which: ask the kernel, and believe only its answer.
  const onCommChange = () => {
    view.setConnected(false);
    try {
      model.send({ kind: "ping" });
    } catch {
      // a dead kernel cannot be asked
    }
  };
  model.on("change:rows", update);
  model.on("msg:custom", onMessage);
  model.on("comm_live_update", onCommChange);
  const timer = setInterval(() => view.tick(), ELAPSED_EVERY_MS);
  update();
  return () => {
    clearInterval(timer);
    model.off("change:rows", update);
    model.off("msg:custom", onMessage);
    model.off("comm_live_update", onCommChange);
  };
}

class TableView {
  constructor(model, el) {
    this.model = model;
    this.connected = true;
    this.lines = new Map(); // job id -> the elements of its line
    this.open = new Map(); // job id -> whether the reader opened or closed it
    el.classList.add("jobmagics");
    this.root = el;
    const scroller = make("div", "jobmagics-scroller", el);
    this.table = make("table", "jobmagics-table", scroller);
    this.table.setAttribute("aria-label", "PowerShell jobs");
    const head = make("tr", "", make("thead", "", this.table));
    for (const [key, title] of COLUMNS) {
      const cell = make("th", `jobmagics-${key}`, head);
      cell.scope = "col";
      cell.textContent = title;
    }
    this.body = make("tbody", "", this.table);
    this.status = make("div", "jobmagics-note", el);
    this.status.setAttribute("role", "status");
  }

  update() {
    const rows = this.model.get("rows");
    const children = new Map();
    for (const row of rows) {
      if (row.parent !== null) children.set(row.parent, [...(children.get(row.parent) ?? []), row]);
    }
    const ordered = [];
    for (const row of rows) {
      if (row.parent === null) ordered.push(row, ...(children.get(row.id) ?? []));
    }
    const known = new Set(ordered.map((row) => row.id));
    for (const [id, line] of this.lines) {
      if (!known.has(id)) {
        line.element.remove();
        this.lines.delete(id);
      }
    }
    ordered.forEach((row, place) => this.place(row, place, children));
    this.tick();
  }

  place(row, place, children) {
    let line = this.lines.get(row.id);
    if (!line) {
      line = this.makeLine(row);
      this.lines.set(row.id, line);
    }
    if (this.body.children[place] !== line.element) {
      this.body.insertBefore(line.element, this.body.children[place] ?? null);
    }
    const own = children.get(row.id) ?? [];
    this.fill(line, row, own.length);
    line.element.hidden = row.parent !== null && !this.isOpen(row.parent, children.get(row.parent).length);
  }

  // One computer's line repeats its job's, so it starts folded away; several start open.
  isOpen(id, count) {
    return this.open.get(id) ?? count > 1;
  }

  makeLine(row) {
    const element = document.createElement("tr");
    element.dataset.job = String(row.id);
    const cells = {};
    for (const [key] of COLUMNS) cells[key] = make("td", `jobmagics-${key}`, element);
    const fold = make("button", "jobmagics-fold", cells.name);
    fold.type = "button";
    fold.addEventListener("click", () => {
      this.open.set(row.id, fold.getAttribute("aria-expanded") !== "true");
      this.update();
    });
    const name = make("span", "", cells.name);
    const icon = make("span", "jobmagics-icon", cells.state);
    icon.setAttribute("aria-hidden", "true");
    const state = make("span", "", cells.state);
    const bar = make("progress", "jobmagics-bar", cells.progress);
    bar.max = 100;
    const activity = make("span", "jobmagics-activity", cells.progress);
    const stop = make("button", "jobmagics-stop", cells.actions);
    stop.type = "button";
    stop.textContent = "Stop";
    stop.addEventListener("click", () => {
      stop.disabled = true;
      this.model.send({ kind: "stop", id: row.id });
    });
    return { element, cells, fold, name, icon, state, bar, activity, stop };
  }

  fill(line, row, childCount) {
    line.row = row;
    const ended = FINISHED.has(row.state);
    line.element.classList.toggle("jobmagics-child", row.parent !== null);
    line.element.dataset.state = row.state;
    setText(line.cells.id, String(row.id));
    line.fold.hidden = childCount === 0;
    const open = this.isOpen(row.id, childCount);
    line.fold.setAttribute("aria-expanded", String(open));
    line.fold.setAttribute("aria-label", `${open ? "Hide" : "Show"} the computers of ${row.name}`);
    setText(line.fold, open ? "▾" : "▸");
    setText(line.name, row.name);
    setText(line.icon, ICONS[row.state] ?? "");
    setText(line.state, row.state);
    line.bar.hidden = row.percent < 0 || ended;
    line.bar.value = Math.max(0, row.percent);
    line.bar.setAttribute("aria-label", row.activity || "progress");
    setText(line.activity, ended ? "" : row.percent < 0 ? row.activity : `${row.percent} %`);
    line.cells.progress.title = [row.activity, row.status].filter(Boolean).join(": ");
    setText(line.cells.lines, row.lines.toLocaleString());
    setText(line.cells.location, row.location);
    line.cells.location.title = row.location;
    setText(line.cells.newest, row.reason || row.newest);
    line.cells.newest.classList.toggle("jobmagics-reason", Boolean(row.reason));
    line.cells.newest.title = row.reason || row.newest;
    line.stop.hidden = ended || row.state === "Stopping";
    line.stop.setAttribute("aria-label", `Stop ${row.name}`);
    if (line.stop.dataset.state !== row.state) line.stop.disabled = false;
    line.stop.dataset.state = row.state;
  }

  tick() {
    if (!this.connected) return;
    const now = Date.now() + (offsets.get(this.model) ?? 0);
    for (const { row, cells } of this.lines.values()) setText(cells.elapsed, elapsed(row, now));
  }

  // Without a kernel nothing here is known any more: no clock ticks, no button pretends to work.
  setConnected(connected) {
    const unfinished = this.model.get("rows").some((row) => !FINISHED.has(row.state));
    if (this.connected === connected || (!connected && !unfinished)) return;
    this.connected = connected;
    this.root.classList.toggle("jobmagics-stale", !connected);
    this.note(connected ? "" : KERNEL_GONE);
    this.tick();
  }

  note(text) {
    setText(this.status, text);
    for (const { stop } of this.lines.values()) stop.disabled = false;
  }
}

function elapsed(row, now) {
  if (row.begin === null) return "";
  const seconds = Math.max(0, ((row.end ?? now) - row.begin) / 1000);
  if (seconds < 60) return row.end === null ? `${Math.floor(seconds)} s` : `${seconds.toFixed(1)} s`;
  const whole = Math.floor(seconds);
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

function make(tag, className, parent) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  parent.append(element);
  return element;
}

// Writing only what differs keeps selections and screen readers undisturbed.
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export default { initialize, render };
