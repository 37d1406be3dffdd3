// The panel below the table: all of one row.

const TABS = [["output", "Output"], ["objects", "Objects"], ["errors", "Errors"], ["command", "Command"]];
const IN_PROCESS = new Set(["ThreadJob", "PSTaskJob", "PSTaskChildJob"]); // they have no session of their own
const RENEW_MS = 1000;
const LOOK_EVERY_MS = 30_000;
const MAX_COPIED = 20_000_000; // characters; more belongs into a file

class Details {
  constructor(parent, send, onClose) {
    this.parent = parent;
    this.page = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    this.sendMessage = send;
    this.onClose = onClose;
    this.timer = setInterval(() => this.output?.repeat(), LOOK_EVERY_MS);
  }

  destroy() {
    clearInterval(this.timer);
    this.close();
  }

  send(kind, content = {}) {
    this.sendMessage({ kind, id: this.row.id, view: this.page, ...content });
  }

  get isOpen() {
    return Boolean(this.row);
  }

  open(row, tab = "output") {
    if (this.row?.id !== row.id) {
      this.close();
      this.row = row;
      this.build();
    }
    this.choose(tab);
    this.update(row);
    this.tabs.get(tab).button.focus();
  }

  close() {
    if (!this.row) return;
    this.send("leave");
    clearTimeout(this.renewal);
    this.renewal = undefined;
    this.output.close();
    this.element.remove();
    const row = this.row;
    this.row = this.output = this.collecting = undefined;
    this.onClose(row);
  }

  build() {
    this.element = make("section", "jobmagics-details", this.parent);
    this.element.setAttribute("aria-label", `Details of ${this.row.name}`);
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    this.buildHead();
    this.buildTabs();
    this.buildOutput(this.tabs.get("output").panel);
    this.objects = new ObjectTable(this.tabs.get("objects").panel);
    this.errors = new ErrorList(this.tabs.get("errors").panel, (line) => {
      this.choose("output");
      this.output.current = line;
      this.output.show(line);
    });
    this.command = make("pre", "jobmagics-command", this.tabs.get("command").panel, "");
    this.command.tabIndex = 0;
    makeButton("", this.tabs.get("command").panel, "Copy", () => this.copyText(this.command.textContent));
  }

  buildHead() {
    const head = make("div", "jobmagics-head", this.element);
    this.title = make("div", "jobmagics-title", head);
    this.icon = make("span", "jobmagics-icon", this.title);
    this.icon.setAttribute("aria-hidden", "true");
    this.name = make("bdi", "jobmagics-strong", this.title);
    this.facts = make("span", "jobmagics-facts", this.title);
    const buttons = make("div", "jobmagics-bar-of-buttons", head);
    const act = (kind, text, title) => {
      const button = makeButton(`jobmagics-act-${kind}`, buttons, text, () => this.act(kind, button));
      button.title = title;
      return button;
    };
    this.buttons = {
      stop: act("stop", "Stop", "Stop-Job"),
      disconnect: act("disconnect", "Disconnect", "Disconnect-PSSession: the job goes on by itself"),
      connect: act("connect", "Connect", "Connect-PSSession"),
      remove: act("remove", "Remove", "Remove-Job: the job and its results are deleted"),
    };
    const receive = make("form", "jobmagics-receive", buttons);
    const label = make("label", "", receive, "into ");
    this.variable = make("input", "", label);
    this.variable.value = `job${this.row.id}`;
    this.variable.size = 8;
    this.variable.spellcheck = false;
    this.variable.setAttribute("aria-label", "Variable to receive into");
    const button = make("button", "jobmagics-button jobmagics-act-receive", null, "Receive");
    button.title = "Receive-Job -Keep into a variable of this notebook";
    receive.prepend(button);
    onSubmit(receive, () => this.send("receive", { name: this.variable.value.trim() }));
    const close = makeButton("jobmagics-close", buttons, "×", () => this.close());
    close.setAttribute("aria-label", "Close the details");
  }

  // Removing deletes results: it wants to be pressed twice.
  act(kind, button) {
    if (kind === "remove" && button.dataset.sure !== "yes") {
      button.dataset.sure = "yes";
      setText(button, "Really remove?");
      setTimeout(() => {
        button.dataset.sure = "";
        setText(button, "Remove");
      }, 4000);
      return;
    }
    button.disabled = true;
    this.send(kind);
  }

  buildTabs() {
    const list = make("div", "jobmagics-tabs", this.element);
    list.setAttribute("role", "tablist");
    this.tabs = new Map();
    TABS.forEach(([key, text]) => {
      const button = makeButton("jobmagics-tab", list, text, () => this.choose(key));
      const panel = make("div", `jobmagics-panel jobmagics-panel-${key}`, this.element);
      button.setAttribute("role", "tab");
      button.id = `${this.page}-${key}`;
      panel.id = `${this.page}-${key}-panel`;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", button.id);
      button.setAttribute("aria-controls", panel.id);
      this.tabs.set(key, { button, panel });
    });
    list.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const place = TABS.findIndex(([key]) => key === this.tab);
      const [key] = TABS[(place + step + TABS.length) % TABS.length];
      this.choose(key);
      this.tabs.get(key).button.focus();
    });
  }

  choose(tab) {
    this.tab = tab;
    for (const [key, { button, panel }] of this.tabs) {
      button.setAttribute("aria-selected", String(key === tab));
      button.tabIndex = key === tab ? 0 : -1;
      panel.hidden = key !== tab;
    }
    if (tab !== "output") this.send(tab);
  }

  buildOutput(panel) {
    const tools = make("div", "jobmagics-tools", panel);
    const search = make("form", "jobmagics-search", tools);
    search.setAttribute("role", "search");
    this.wanted = make("input", "", search);
    this.wanted.type = "search";
    this.wanted.placeholder = "Find";
    this.wanted.setAttribute("aria-label", "Find in the output");
    const go = (step) => this.find(step);
    makeButton("", search, "‹", () => go(-1)).setAttribute("aria-label", "Find the one before");
    makeButton("", search, "›", () => go(1)).setAttribute("aria-label", "Find the next one");
    onSubmit(search, () => go(1));
    this.foundText = make("span", "jobmagics-quiet", search, "");
    this.foundText.setAttribute("role", "status");
    const follow = make("label", "jobmagics-follow", tools);
    this.followBox = make("input", "", follow);
    this.followBox.type = "checkbox";
    this.followBox.checked = true;
    follow.append("Follow");
    this.followBox.addEventListener("change", () => this.output.setFollow(this.followBox.checked));
    makeButton("jobmagics-copy", tools, "Copy", () => this.collect((text) => this.copyText(text), MAX_COPIED));
    makeButton("jobmagics-save", tools, "Save", () => this.collect((text) => this.save(text), Infinity));
    this.countText = make("span", "jobmagics-quiet jobmagics-count", tools, "");
    this.output = new OutputList(panel, (wish) => this.send("look", wish), (follows) => {
      this.followBox.checked = follows;
    });
    this.output.draw();
  }

  // -- what changed

  update(row) {
    if (!row) {
      this.close();
      return;
    }
    this.row = row;
    const ended = FINISHED.has(row.state);
    this.element.dataset.state = row.state;
    setText(this.icon, ICONS[row.state] ?? "");
    setText(this.name, row.name);
    const times = [row.begin && `began ${momentText(row.begin)}`, row.end && `ended ${momentText(row.end)}`];
    const facts = [row.state, row.location, ...times, row.expires && `kept until ${momentText(row.expires)}`];
    setText(this.facts, ` ${facts.filter(Boolean).join(" · ")}`);
    const { stop, disconnect, connect, remove } = this.buttons;
    stop.hidden = ended || row.state === "Stopping";
    disconnect.hidden = ended || row.state === "Disconnected" || IN_PROCESS.has(row.type);
    connect.hidden = row.state !== "Disconnected";
    remove.hidden = !ended || row.parent !== null;
    setText(this.tabs.get("errors").button, `Errors ${row.errors.toLocaleString()}`);
    if (this.lastState !== row.state) this.enable();
    this.lastState = row.state;
  }

  enable() {
    for (const button of Object.values(this.buttons)) button.disabled = false;
  }

  receive(reply) {
    if (!this.row || reply.view !== this.page || reply.id !== this.row.id) return;
    this[`receive_${reply.kind}`]?.(reply);
  }

  receive_lines(reply) {
    this.output.receive(reply);
    const more = reply.reading ? "reading … " : "";
    setText(this.countText, `${more}${reply.total.toLocaleString()} lines`);
    if (this.tab === "objects" || this.tab === "errors") {
      this.renewal ??= setTimeout(() => {
        this.renewal = undefined;
        if (this.tab === "objects" || this.tab === "errors") this.send(this.tab);
      }, RENEW_MS);
    }
  }

  receive_objects(reply) {
    this.objects.receive(reply);
  }

  receive_errors(reply) {
    this.errors.receive(reply);
  }

  receive_command(reply) {
    setText(this.command, reply.text);
  }

  // -- find, copy, save

  find(step) {
    const text = this.wanted.value;
    if (text === this.foundFor) this.goTo(this.foundPlace + step);
    else if (text) {
      this.step = step;
      setText(this.foundText, "…");
      this.send("find", { text });
    } else this.receive_found({ text, lines: [], total: 0 });
  }

  receive_found({ text, lines, total }) {
    this.foundFor = text;
    this.found = lines;
    this.foundTotal = total;
    this.output.highlight = new Set(lines);
    if (lines.length) {
      const from = lines.findIndex((line) => line >= Math.floor(this.output.first));
      this.goTo(this.step < 0 ? from - 1 : Math.max(0, from));
    } else {
      this.output.current = -1;
      this.output.draw();
      setText(this.foundText, text ? "not found" : "");
    }
  }

  goTo(place) {
    if (!this.found?.length) return;
    this.foundPlace = (place + this.found.length) % this.found.length;
    this.output.current = this.found[this.foundPlace];
    this.output.show(this.output.current);
    setText(this.foundText, `${this.foundPlace + 1} of ${this.foundTotal.toLocaleString()}`);
  }

  // All lines, as text, fetched one stretch after the other.
  collect(done, limit) {
    if (this.collecting) return;
    this.collecting = { done, limit, parts: [], length: 0 };
    this.send("fetch", { start: 0 });
  }

  receive_fetched({ start, lines, total }) {
    const work = this.collecting;
    if (!work) return;
    for (const [marks, text] of lines) {
      if (work.parts.length && marks[1] !== "+") work.parts.push("\n");
      work.parts.push(withoutColors(text));
      work.length += text.length + 1;
    }
    const next = start + lines.length;
    if (work.length > work.limit) {
      this.collecting = undefined;
      setText(this.countText, "too much to copy: save it instead");
    } else if (lines.length && next < total) {
      setText(this.countText, `${next.toLocaleString()} of ${total.toLocaleString()} lines …`);
      this.send("fetch", { start: next });
    } else {
      this.collecting = undefined;
      work.done(`${work.parts.join("")}\n`);
    }
  }

  async copyText(text) {
    try {
      await navigator.clipboard.writeText(text);
      setText(this.countText, "copied");
    } catch {
      setText(this.countText, "the browser does not allow copying here");
    }
  }

  save(text) {
    const link = make("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    link.download = `${this.row.name.replace(/[^\p{L}\p{N}._-]+/gu, "_")}-${this.row.id}.txt`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    setText(this.countText, "saved");
  }
}
