// Live views in the place of still HTML. An output of HTML outlives its kernel, also in a file; while the kernel lives
// and the page has its model, the page shows the view there instead of the table that the HTML has.

const PLACE = "jobmagics-place";

// All models of a page share this: each has its own copy of this module.
class Places {
  constructor() {
    this.owners = new Map(); // name of a place -> what shows a view in an element
    const isOurs = ({ target }) => target.closest?.(".jobmagics, .jobmagics-toasts");
    const observer = new MutationObserver((changes) => {
      if (this.owners.size && changes.some((each) => each.addedNodes.length && !isOurs(each))) this.look();
    });
    observer.observe(document.body, { childList: true, subtree: true });
  }

  add(name, owner) {
    this.owners.set(name, owner);
    this.look();
  }

  look() {
    for (const element of document.getElementsByClassName(PLACE)) {
      const mark = [...element.classList].find((each) => each.startsWith(`${PLACE}-`));
      this.owners.get(mark?.slice(PLACE.length + 1))?.show(element);
    }
  }
}

function pagePlaces() {
  window.jobmagicsPlaces ??= new Places();
  return window.jobmagicsPlaces;
}

// Whether outputs of HTML are part of the document that this module runs in: in JupyterLab and Notebook 7.
function canMount() {
  return document.body.hasAttribute("data-jp-theme-light");
}

// The views of one model, each in its element. An output that is told anew is another element: its view moves there.
class Mounted {
  constructor(model) {
    this.model = model;
    this.views = new Map(); // element -> {root, view, close}
  }

  show(element) {
    if (this.views.has(element)) return;
    const [left] = [...this.views.keys()].filter((each) => !each.isConnected);
    const shown = left ? this.views.get(left) : this.make();
    this.views.delete(left);
    this.views.set(element, shown);
    element.classList.add("jobmagics-mounted");
    element.append(shown.root);
    shown.view.moved();
  }

  make() {
    const root = make("div");
    return { root, ...showView(this.model, root) };
  }

  close() {
    for (const [element, { root, close }] of this.views) {
      close();
      root.remove();
      element.classList.remove("jobmagics-mounted");
    }
    this.views.clear();
  }
}
