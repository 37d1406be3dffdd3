// What every part of the page uses: states, elements, times. The parts are joined into one ES module in the order that
// widget.py names; text from jobs is set with textContent only, everywhere.

const FINISHED = new Set(["Completed", "Failed", "Stopped"]);
const ICONS = {
  NotStarted: "○", Running: "▶", Completed: "✔", Failed: "✖", Stopped: "■", Blocked: "?", Suspended: "‖",
  Disconnected: "⇠", Suspending: "‖", Stopping: "■", AtBreakpoint: "●",
};

function make(tag, className, parent, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  parent?.append(element);
  return element;
}

function makeButton(className, parent, text, onClick) {
  const button = make("button", `jobmagics-button ${className}`, parent, text);
  button.type = "button";
  button.addEventListener("click", onClick);
  return button;
}

// Enter submits by hand: in a notebook's output a form is not submitted by it.
function onSubmit(form, act) {
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    act();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act();
  });
}

// Writing only what differs keeps selections and screen readers undisturbed.
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function clockText(seconds) {
  const whole = Math.floor(seconds);
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

function elapsed(row, now) {
  if (row.begin === null) return "";
  const seconds = Math.max(0, ((row.end ?? now) - row.begin) / 1000);
  if (seconds < 60) return row.end === null ? `${Math.floor(seconds)} s` : `${seconds.toFixed(1)} s`;
  return clockText(seconds);
}

// In the reader's own zone and manner.
function momentText(milliseconds) {
  return new Date(milliseconds).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

// The reader's clock may differ from the kernel's: elapsed times use the kernel's.
const offsets = new WeakMap();
function noteClock(model) {
  offsets.set(model, (model.get("clock") || Date.now()) - Date.now());
}

function kernelNow(model) {
  return Date.now() + (offsets.get(model) ?? 0);
}
