// Objects as a table that is sorted by its headings, and errors as a list.

class ObjectTable {
  constructor(parent) {
    this.caption = make("p", "jobmagics-caption", parent, "");
    this.scroller = make("div", "jobmagics-objects", parent);
    this.scroller.tabIndex = 0;
    this.scroller.setAttribute("role", "group");
    this.scroller.setAttribute("aria-label", "Table of objects");
    this.sort = null; // [column, direction]
  }

  receive({ columns, rows, total }) {
    this.columns = columns;
    this.rows = rows;
    const shown = rows.length < total ? `the newest ${rows.length.toLocaleString()} of ` : "";
    setText(this.caption, rows.length ? `${shown}${total.toLocaleString()} objects` : "No objects so far; text is in the output.");
    this.draw();
  }

  draw() {
    const place = [this.scroller.scrollTop, this.scroller.scrollLeft];
    this.scroller.textContent = "";
    if (!this.rows.length) return;
    const table = make("table", "jobmagics-grid", this.scroller);
    const head = make("tr", "", make("thead", "", table));
    this.columns.forEach((name, column) => {
      const cell = make("th", "", head);
      cell.scope = "col";
      const [by, direction] = this.sort ?? [];
      if (by === name) cell.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
      const mark = by === name ? (direction > 0 ? " ▲" : " ▼") : "";
      const button = makeButton("jobmagics-heading", cell, name, () => {
        this.sort = [name, by === name ? -direction : 1];
        this.draw();
        this.scroller.querySelectorAll("th button")[column].focus();
      });
      make("span", "", button, mark).setAttribute("aria-hidden", "true");
    });
    const body = make("tbody", "", table);
    for (const row of this.sorted()) {
      const line = make("tr", "", body);
      for (const cell of row) {
        const element = make("td", typeof cell === "number" ? "jobmagics-number" : "", line, cellText(cell));
        element.dir = "auto";
      }
    }
    [this.scroller.scrollTop, this.scroller.scrollLeft] = place;
  }

  sorted() {
    const column = this.sort ? this.columns.indexOf(this.sort[0]) : -1;
    if (column < 0) return this.rows;
    const direction = this.sort[1];
    return [...this.rows].sort((one, other) => direction * compareCells(one[column], other[column]));
  }
}

function cellText(cell) {
  if (cell === null) return "";
  if (cell === true) return "True";
  if (cell === false) return "False";
  return typeof cell === "object" ? momentText(cell.time) : String(cell);
}

function compareCells(one, other) {
  const [first, second] = [one, other].map((cell) => cell?.time ?? cell);
  if (first === second) return 0;
  if (first === null) return -1;
  if (second === null) return 1;
  if (typeof first === "number" && typeof second === "number") return first - second;
  return String(first).localeCompare(String(second), undefined, { numeric: true, sensitivity: "base" });
}

class ErrorList {
  constructor(parent, onShow) {
    this.onShow = onShow;
    this.list = make("ol", "jobmagics-errors", parent);
    this.list.tabIndex = 0;
    this.list.setAttribute("aria-label", "Errors");
  }

  receive({ errors }) {
    this.list.textContent = "";
    if (!errors.length) make("li", "jobmagics-quiet", this.list, "No errors so far.");
    for (const error of errors) {
      const item = make("li", "", this.list);
      make("div", "jobmagics-message", item, error.message).dir = "auto";
      const facts = [error.category, error.fqid, error.computer, momentText(error.time)];
      make("div", "jobmagics-facts", item, facts.filter(Boolean).join(" · "));
      if (error.place) {
        const [line, column, text, script] = error.place;
        const where = `${script ? `${script}, ` : ""}line ${line}, column ${column}`;
        make("div", "jobmagics-facts", item, where);
        make("code", "jobmagics-source", item, text);
      }
      makeButton("", item, "Show in the output", () => this.onShow(error.line));
    }
  }
}
