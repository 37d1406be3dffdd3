// Colours of a terminal as elements. The kernel has taken every other escape sequence out.

const SGR = /\x1b\[([0-9;:]*)m/g;
const TOGGLES = { 1: "bold", 2: "faint", 3: "italic", 4: "underline", 7: "inverse", 9: "struck" };
const TOGGLED_OFF = { 22: ["bold", "faint"], 23: ["italic"], 24: ["underline"], 27: ["inverse"], 29: ["struck"] };
const CUBE = [0, 95, 135, 175, 215, 255];

function withoutColors(text) {
  return text.replace(SGR, "");
}

function setColored(element, text) {
  if (!text.includes("\x1b")) {
    element.textContent = text;
    return;
  }
  element.textContent = "";
  const style = { flags: new Set(), color: null, background: null };
  let place = 0;
  for (const match of text.matchAll(SGR)) {
    addColored(element, text.slice(place, match.index), style);
    applyCodes(style, match[1].split(/[;:]/).map(Number));
    place = match.index + match[0].length;
  }
  addColored(element, text.slice(place), style);
}

function addColored(element, text, { flags, color, background }) {
  if (!text) return;
  const span = make("span", [...flags].map((flag) => `jobmagics-${flag}`).join(" "), element, text);
  if (color !== null) span.style.color = color;
  if (background !== null) span.style.backgroundColor = background;
}

function applyCodes(style, codes) {
  while (codes.length) {
    const code = codes.shift();
    if (code === 0) Object.assign(style, { flags: new Set(), color: null, background: null });
    else if (TOGGLES[code]) style.flags.add(TOGGLES[code]);
    else if (TOGGLED_OFF[code]) TOGGLED_OFF[code].forEach((flag) => style.flags.delete(flag));
    else if (code === 38) style.color = extendedColor(codes);
    else if (code === 48) style.background = extendedColor(codes);
    else if (code === 39) style.color = null;
    else if (code === 49) style.background = null;
    else if (code >= 30 && code < 38) style.color = paletteColor(code - 30);
    else if (code >= 40 && code < 48) style.background = paletteColor(code - 40);
    else if (code >= 90 && code < 98) style.color = paletteColor(code - 82);
    else if (code >= 100 && code < 108) style.background = paletteColor(code - 92);
  }
}

function extendedColor(codes) {
  const kind = codes.shift();
  if (kind === 2) {
    const [red, green, blue] = codes.splice(0, 3).map((part) => Math.min(255, part || 0));
    return `rgb(${red ?? 0}, ${green ?? 0}, ${blue ?? 0})`;
  }
  return kind === 5 ? paletteColor(codes.shift() ?? 0) : null;
}

// The first sixteen are the theme's (table.css), so that they are readable on its background.
function paletteColor(number) {
  if (number < 16) return `var(--jobmagics-color${number})`;
  if (number > 231) return `rgb(${Array(3).fill(8 + 10 * (Math.min(number, 255) - 232)).join(", ")})`;
  const place = number - 16;
  return `rgb(${CUBE[Math.floor(place / 36)]}, ${CUBE[Math.floor(place / 6) % 6]}, ${CUBE[place % 6]})`;
}
