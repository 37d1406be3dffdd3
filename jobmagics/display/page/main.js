// What anywidget calls. The kernel's state holds all rows, so that a reload or a second tab is complete at once;
// between that, messages carry the fields that changed and answers to what this page asked.

const ELAPSED_EVERY_MS = 500;

function initialize({ model }) {
  const onMessage = (message) => {
    if (message.changed || message.removed) {
      model.set({ rows: applyChanges(model.get("rows"), message), clock: message.clock });
    }
  };
  model.on("msg:custom", onMessage);
  noteClock(model);
  model.on("change:clock", () => noteClock(model));
  const mounted = new Mounted(model);
  const mounts = canMount();
  const place = model.get("place");
  if (mounts) pagePlaces().add(place, mounted);
  model.send({ kind: "here", mounts });
  return () => {
    model.off("msg:custom", onMessage);
    if (mounts) pagePlaces().owners.delete(place);
    mounted.close();
  };
}

function applyChanges(rows, { changed = [], removed = [] }) {
  const gone = new Set(removed);
  const fresh = new Map(changed.map((row) => [row.id, row]));
  const kept = rows.filter((row) => !gone.has(row.id)).map((row) => {
    const news = fresh.get(row.id);
    fresh.delete(row.id);
    return news ? { ...row, ...news } : row;
  });
  return [...kept, ...fresh.values()].sort((one, other) => one.id - other.id);
}

function render({ model, el }) {
  return showView(model, el).close;
}

function showView(model, el) {
  const view = new TableView(model, el);
  const update = () => view.update();
  const onMessage = (message) => view.receive(message);
  // The front end says that the comm came or went, not which: ask the kernel, and believe only its answer.
  const onCommChange = () => {
    view.setConnected(false);
    view.send({ kind: "ping" });
  };
  model.on("change:rows", update);
  model.on("msg:custom", onMessage);
  model.on("comm_live_update", onCommChange);
  const timer = setInterval(() => view.tick(), ELAPSED_EVERY_MS);
  update();
  const close = () => {
    clearInterval(timer);
    model.off("change:rows", update);
    model.off("msg:custom", onMessage);
    model.off("comm_live_update", onCommChange);
    view.destroy();
  };
  return { view, close };
}

export default { initialize, render };
