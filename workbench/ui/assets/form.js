// What the forms do by themselves: a refused field is marked, its fold opened and the first one reached; a setting that
// was searched for is shown; the one match of a picker is taken by Enter; an estimate leaves when a setting changes.
(() => {
  const folds = (form, at) => form.querySelector(`.bw-fold-${at}`);
  const fieldOf = (form, name) => form.querySelector(`.bw-field-${CSS.escape(name)}`);
  const inputsOf = (field) => [...field.querySelectorAll('input:not([type=radio]), textarea')];
  const firstOf = (field) => field.querySelector('input:not([type=file]), textarea, [tabindex="0"], button');

  // The form that something belongs to: the nearest element around it that holds fields.
  function formOf(node) {
    for (let at = node.parentElement; at && at !== document.body; at = at.parentElement) {
      if (at.querySelector('.bw-field')) return at.closest('.bw-setup') ?? at;
    }
    return document.body;
  }

  // A fold lays its fields out when it is first opened.
  async function reach(form, place) {
    const [at, name] = place.split(' ');
    const button = folds(form, at)?.querySelector('button');
    if (button && !fieldOf(form, name)?.offsetParent) button.click();
    for (let turn = 0; turn < 60; turn += 1) {
      const field = fieldOf(form, name);
      if (field?.offsetParent) return field;
      await new Promise((done) => setTimeout(done, 50));
    }
    return null;
  }

  function focus(field) {
    field.scrollIntoView({ block: 'center' });
    firstOf(field)?.focus({ preventScroll: true });
  }

  function unmark(field) {
    field.classList.remove('bw-invalid');
    field.querySelector('.bw-field-problem')?.remove();
    for (const input of inputsOf(field)) {
      input.removeAttribute('aria-invalid');
      input.removeAttribute('aria-errormessage');
    }
  }

  let told = 0;
  function mark(field, why) {
    unmark(field);
    field.classList.add('bw-invalid');
    const problem = Object.assign(document.createElement('p'), { className: 'bw-field-problem', textContent: why });
    problem.id = `bw-problem-${told += 1}`;
    field.append(problem);
    for (const input of inputsOf(field)) {
      input.setAttribute('aria-invalid', 'true');
      input.setAttribute('aria-errormessage', problem.id);
    }
  }

  async function tellRefused(list) {
    list.dataset.told = 'yes';
    const form = formOf(list);
    form.querySelectorAll('.bw-invalid').forEach(unmark);
    let first = null;
    for (const line of list.querySelectorAll('li[data-place]')) {
      const field = await reach(form, line.dataset.place);
      if (!list.isConnected) return;
      if (!field) continue;
      mark(field, line.querySelector('span')?.textContent ?? '');
      first ??= field;
    }
    if (first) focus(first);
  }

  // Taking back what is no longer told, and telling what is new.
  function look() {
    for (const field of document.querySelectorAll('.bw-invalid')) {
      if (!formOf(field).querySelector('.bw-refused')) unmark(field);
    }
    for (const list of document.querySelectorAll('.bw-refused:not([data-told])')) tellRefused(list);
    // An estimate appears under the buttons, which may stand at the window's edge.
    const estimate = document.querySelector('.bw-estimate-card:not([data-told])');
    if (!estimate?.offsetParent) return;
    estimate.dataset.told = 'yes';
    estimate.scrollIntoView({ block: 'nearest' });
  }

  // A change of any setting takes the estimate away: it was for another run.
  function changed() {
    for (const estimate of document.querySelectorAll('.bw-setup .bw-preflight')) {
      if (estimate.offsetParent && estimate.textContent.trim()) estimate.closest('.bw-setup').querySelector('.bw-forget')?.click();
    }
  }

  // Gradio's picker takes what was typed as it stands; where exactly one of its options fits, Enter takes that one.
  function takeOneMatch(event) {
    if (event.key !== 'Enter' || event.isComposing || !event.isTrusted) return;
    if (!event.target.matches?.('input[role=combobox]')) return;
    const options = document.getElementById(event.target.getAttribute('aria-controls'))?.querySelectorAll('[role=option]');
    if (options?.length !== 1 || !event.target.value.trim()) return;
    event.target.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }));
  }

  window.benchwrightForm = {
    show(place) {
      const form = [...document.querySelectorAll('.bw-setup')].find((each) => each.offsetParent);
      if (!form || typeof place !== 'string') return;
      // The picker that it was found with keeps the focus until it has closed.
      setTimeout(() => reach(form, place).then((field) => field && focus(field)), 200);
    },
    changed,
    // The form of a tab that was just opened, which may still be on its way.
    async reveal() {
      for (let turn = 0; turn < 100; turn += 1) {
        const form = [...document.querySelectorAll('.bw-setup')].find((each) => each.offsetParent);
        if (form) return form.scrollIntoView({ block: 'start' });
        await new Promise((done) => setTimeout(done, 100));
      }
    },
  };

  // What a picker shows is replaced by what is typed, as it is when the tab key comes by: "(no column)" is no prefix.
  let reached = null;
  document.addEventListener('focusin', (event) => { reached = event.target; });
  document.addEventListener('click', (event) => {
    if (event.target === reached && event.target.matches?.('input[role=combobox]')) event.target.select();
    reached = null;
  });
  document.addEventListener('keydown', takeOneMatch, true);
  document.addEventListener('input', (event) => {
    const field = event.target.closest?.('.bw-invalid');
    if (field) unmark(field);
  });
  function begin() {
    let due = 0;
    new MutationObserver(() => { due ||= setTimeout(() => { due = 0; look(); }, 40); })
      .observe(document.body, { childList: true, subtree: true });
  }
  if (document.body) begin(); else document.addEventListener('DOMContentLoaded', begin);
})();
