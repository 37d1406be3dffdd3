// Notes on jobs that have ended: one for a batch, failures apart. All views of a page share them, and they outlive the
// view, which becomes still as its jobs end.

const GATHER_MS = 700;
const NOTE_MS = 8000;
const NAMED = 3;

class Notes {
  constructor() {
    this.known = new Set();
    this.ended = [];
  }

  end(row) {
    const key = `${row.id} ${row.name} ${row.end}`;
    if (this.known.has(key)) return;
    this.known.add(key);
    this.ended.push(row);
    this.timer ??= setTimeout(() => this.tell(), GATHER_MS);
  }

  tell() {
    const ended = this.ended;
    this.ended = [];
    this.timer = undefined;
    const failed = ended.filter((row) => row.state === "Failed");
    const others = ended.filter((row) => row.state !== "Failed");
    if (failed.length) this.show(`${counted(failed)} failed`, failed, true);
    if (others.length) this.show(`${counted(others)} ended`, others, false);
  }

  show(title, rows, isFailure) {
    const told = rows.slice(0, NAMED).map(
      (row) => `${row.name}: ${isFailure && row.reason ? row.reason : row.state}`,
    );
    if (rows.length > NAMED) told.push(`and ${rows.length - NAMED} more`);
    const note = make("div", `jobmagics-toast ${isFailure ? "jobmagics-failed" : ""}`);
    note.setAttribute("role", isFailure ? "alert" : "status");
    make("strong", "", note, title);
    for (const line of told) make("div", "", note, line).dir = "auto";
    const close = makeButton("jobmagics-close", note, "×", () => note.remove());
    close.setAttribute("aria-label", "Close this note");
    this.place().append(note);
    if (!isFailure) setTimeout(() => note.remove(), NOTE_MS);
    if (document.hidden || !document.hasFocus()) notify(title, told.join("\n"));
  }

  place() {
    return document.querySelector("body > .jobmagics-toasts") ?? make("div", "jobmagics-toasts", document.body);
  }
}

function counted(rows) {
  return rows.length === 1 ? "1 job" : `${rows.length} jobs`;
}

function notify(title, body) {
  if (window.Notification?.permission !== "granted") return;
  try {
    new Notification(title, { body, tag: `jobmagics ${title} ${body}` });
  } catch {
    // some mobile browsers allow them from service workers only
  }
}

// Every widget has its own copy of this module; the first one's notes serve all.
function pageNotes() {
  window.jobmagicsNotes ??= new Notes();
  return window.jobmagicsNotes;
}

// One in a notebook is enough, and none when the reader has decided.
class NotifyButton {
  constructor(parent) {
    this.parent = parent;
    this.button = makeButton("jobmagics-notify", parent, "Notify me when jobs end", async () => {
      await Notification.requestPermission();
      this.update();
    });
    this.button.title = "A notification of the browser, when this page is not in sight";
  }

  update() {
    const book = this.parent.closest(".jp-Notebook") ?? document;
    const isWanted = window.Notification?.permission === "default";
    this.button.hidden = !isWanted || book.querySelector(".jobmagics-notify") !== this.button;
  }
}
