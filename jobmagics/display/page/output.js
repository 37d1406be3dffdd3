// Lines of output, however many: only those in sight are in the page, a few more are known, the kernel has all.

const LINE_HEIGHT = 18; // pixels; table.css has the same
const MARGIN_LINES = 80;
const KEPT_LINES = 3000;
const MAX_HEIGHT = 8_000_000; // browsers cannot lay out much taller elements; beyond, the scroll bar is a scale
const ASK_EVERY_MS = 100;

class OutputList {
  // ask({start, count, follow}): what this shows, for the kernel to send.
  constructor(parent, ask, onFollowChange) {
    this.ask = ask;
    this.onFollowChange = onFollowChange;
    this.scroller = make("div", "jobmagics-window", parent);
    this.spacer = make("div", "jobmagics-spacer", this.scroller);
    this.layer = make("div", "jobmagics-layer", this.spacer);
    this.layer.tabIndex = 0;
    this.layer.setAttribute("role", "group");
    this.layer.setAttribute("aria-label", "Lines of output");
    this.inner = make("div", "jobmagics-inner", this.layer);
    this.elements = new Map(); // line number -> its element
    this.lines = new Map(); // line number -> [marks, text]
    this.total = 0;
    this.first = 0;
    this.follow = true;
    this.highlight = new Set();
    this.current = -1;
    this.scroller.addEventListener("scroll", () => this.scrolled());
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(this.scroller);
  }

  close() {
    this.observer.disconnect();
    clearTimeout(this.timer);
  }

  get fitting() {
    return this.scroller.clientHeight / LINE_HEIGHT;
  }

  get scrollable() {
    return Math.max(0, this.spacer.offsetHeight - this.scroller.clientHeight);
  }

  receive({ total, start, lines }) {
    lines.forEach((line, place) => {
      this.lines.set(start + place, line);
      this.elements.get(start + place)?.remove();
      this.elements.delete(start + place);
    });
    this.setTotal(total);
    this.draw();
  }

  setTotal(total) {
    if (total === this.total && this.spacer.style.height) return;
    this.total = total;
    this.spacer.style.height = `${Math.min(MAX_HEIGHT, total * LINE_HEIGHT)}px`;
    if (this.follow) this.place(total - this.fitting);
    else if (total * LINE_HEIGHT > MAX_HEIGHT) this.place(this.first);
  }

  setFollow(follow) {
    if (this.follow === follow) return;
    this.follow = follow;
    this.onFollowChange(follow);
    if (follow) this.place(this.total - this.fitting);
    this.draw();
  }

  // Scrolls so that a line (its number may have a fraction) is the first in sight.
  place(first) {
    const last = Math.max(0, this.total - this.fitting);
    this.first = Math.min(Math.max(0, first), last);
    this.expected = last ? Math.round((this.first / last) * this.scrollable) : 0;
    this.scroller.scrollTop = this.expected;
  }

  show(line) {
    this.setFollow(false);
    this.place(line - this.fitting / 2);
    this.draw();
  }

  scrolled() {
    if (Math.abs(this.scroller.scrollTop - (this.expected ?? -9)) <= 1) return; // our own doing
    this.expected = undefined;
    const last = Math.max(0, this.total - this.fitting);
    this.first = this.scrollable ? (this.scroller.scrollTop / this.scrollable) * last : 0;
    this.setFollow(this.first >= last - 0.5);
    this.draw();
  }

  resized() {
    this.place(this.follow ? this.total - this.fitting : this.first);
    this.draw();
  }

  draw() {
    const from = Math.floor(this.first);
    const to = Math.min(this.total, from + Math.ceil(this.fitting) + 1);
    for (const [number, element] of this.elements) {
      if (number < from || number >= to) {
        element.remove();
        this.elements.delete(number);
      }
    }
    let next = this.inner.firstChild;
    for (let number = from; number < to; number += 1) {
      let element = this.elements.get(number);
      if (!element) {
        element = this.makeLine(number);
        if (element) this.inner.insertBefore(element, next);
      }
      if (element) {
        element.style.top = `${(number - from) * LINE_HEIGHT}px`;
        element.classList.toggle("jobmagics-found", this.highlight.has(number));
        element.classList.toggle("jobmagics-current", number === this.current);
        next = element.nextSibling;
      }
    }
    this.inner.style.transform = `translateY(${-(this.first - from) * LINE_HEIGHT}px)`;
    this.askFor(from, to);
    if (this.lines.size > KEPT_LINES) this.forget(from, to);
  }

  makeLine(number) {
    const line = this.lines.get(number);
    if (!line) return null;
    const element = make("div", `jobmagics-line jobmagics-stream-${line[0][0]}`);
    element.dataset.line = String(number);
    element.dir = "auto";
    setColored(element, line[1]);
    this.elements.set(number, element);
    return element;
  }

  askFor(from, to) {
    const start = Math.max(0, from - MARGIN_LINES);
    const wish = { start, count: to - start + MARGIN_LINES, follow: this.follow };
    const asked = this.asked;
    const isCovered = asked && (this.follow ? asked.follow && asked.count >= wish.count : !asked.follow
      && asked.start <= Math.max(0, from - MARGIN_LINES / 4)
      && asked.start + asked.count >= Math.min(Math.max(this.total, 1), to + MARGIN_LINES / 4));
    if (isCovered) return;
    this.wish = wish;
    this.timer ??= setTimeout(() => this.send(), this.asked ? ASK_EVERY_MS : 0);
  }

  send() {
    this.timer = undefined;
    this.asked = this.wish;
    this.ask(this.wish);
  }

  repeat() {
    if (this.asked) this.ask(this.asked);
  }

  forget(from, to) {
    for (const number of this.lines.keys()) {
      if (number < from - KEPT_LINES / 3 || number > to + KEPT_LINES / 3) this.lines.delete(number);
    }
  }
}
