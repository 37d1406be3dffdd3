// What scripts ask, with a box to answer in.

class Questions {
  constructor(parent, send) {
    this.send = send;
    this.element = make("div", "jobmagics-questions", parent);
    this.element.setAttribute("aria-live", "polite");
    this.boxes = new Map(); // job id -> {key, element, controls}
  }

  update(rows) {
    this.rows = rows;
    const asking = new Map(rows.filter((row) => row.question).map((row) => [row.id, row]));
    for (const [id, box] of this.boxes) {
      if (asking.get(id)?.question.key !== box.key) {
        box.element.remove();
        this.boxes.delete(id);
      }
    }
    for (const [id, row] of asking) {
      if (!this.boxes.has(id)) this.boxes.set(id, this.makeBox(row));
    }
  }

  // An answer was refused, or is on its way no more.
  enable() {
    for (const { element } of this.boxes.values()) element.disabled = false;
  }

  // A job's only script is known by the job's name.
  nameOf(row) {
    const siblings = this.rows.filter((each) => each.parent !== null && each.parent === row.parent);
    return siblings.length === 1 ? this.rows.find((each) => each.id === row.parent).name : row.name;
  }

  makeBox(row) {
    const { question } = row;
    const element = make("fieldset", "jobmagics-question", this.element);
    const legend = make("legend", "", element);
    make("span", "jobmagics-icon", legend, "?").setAttribute("aria-hidden", "true");
    make("bdi", "", legend, `${this.nameOf(row)} (${row.location}) asks`);
    for (const text of [question.caption, question.message]) {
      if (text) make("div", "jobmagics-asked", element, text).dir = "auto";
    }
    const answer = (value) => {
      element.disabled = true;
      this.send({ kind: "answer", id: row.id, key: question.key, value });
    };
    if (question.kind === "choice") makeChoices(element, question, answer);
    else makeForm(element, question, answer);
    return { key: question.key, element };
  }
}

function makeChoices(element, question, answer) {
  const bar = make("div", "jobmagics-bar-of-buttons", element);
  question.choices.forEach((choice, number) => {
    const isUsual = question.default.includes(number);
    const button = makeButton(isUsual ? "jobmagics-usual" : "", bar, choice.label, () => answer(number));
    button.title = choice.help;
  });
}

function makeForm(element, question, answer) {
  const form = make("form", "", element);
  const read = FORMS[question.kind](form, question);
  const button = make("button", "jobmagics-button jobmagics-usual", form, "Answer");
  button.type = "submit";
  onSubmit(form, () => {
    const value = read();
    for (const input of form.querySelectorAll("input[type=password]")) input.value = "";
    answer(value);
  });
}

const FORMS = {
  text: (form) => makeInput(form, "Answer", "text"),
  secret: (form) => makeInput(form, "Answer (hidden)", "password"),
  credential: (form, { user }) => makeCredential(form, "", user),
  fields: (form, { fields }) => {
    const read = fields.map((field) => [field.name, FIELDS[field.kind](form, field)]);
    return () => Object.fromEntries(read.map(([name, value]) => [name, value()]));
  },
  choices: (form, question) => {
    const boxes = question.choices.map((choice, number) => {
      const label = make("label", "jobmagics-field", form);
      const box = make("input", "", label);
      box.type = "checkbox";
      box.checked = question.default.includes(number);
      make("bdi", "", label, choice.label);
      label.title = choice.help;
      return box;
    });
    return () => boxes.flatMap((box, number) => (box.checked ? [number] : []));
  },
};

const FIELDS = {
  text: (form, { name, help }) => makeInput(form, name, "text", help),
  secret: (form, { name, help }) => makeInput(form, name, "password", help),
  credential: (form, { name }) => makeCredential(form, `${name}: `, ""),
  list: (form, { name, help }) => {
    const area = labelled(form, `${name} (one in a line)`, "textarea", help);
    area.rows = 3;
    return () => area.value.split("\n").filter(Boolean);
  },
};

function makeInput(form, name, type, help = "", value = "") {
  const input = labelled(form, name, "input", help);
  input.type = type;
  input.value = value;
  input.autocomplete = type === "password" ? "new-password" : "off"; // nothing of this is a login of this page
  return () => input.value;
}

function makeCredential(form, before, user) {
  const [name, password] = [
    makeInput(form, `${before}User`, "text", "", user), makeInput(form, `${before}Password`, "password"),
  ];
  return () => ({ username: name(), password: password() });
}

function labelled(form, name, tag, help) {
  const label = make("label", "jobmagics-field", form);
  make("bdi", "", label, name);
  label.title = help;
  return make(tag, "", label);
}
