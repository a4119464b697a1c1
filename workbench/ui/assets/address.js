// The address of what is shown, and the way back: a tab, a method, a run, one of its folds, views or claims.
// Each of them that the visitor goes to is a step of the browser's history.
(() => {
  const kept = {};
  const arriving = document.documentElement.classList;
  const asked = () => new URLSearchParams(location.search);
  const seen = (node) => Boolean(node?.offsetParent);
  const room = () => [...document.querySelectorAll('.bw-room')].find(seen);
  const method = () => room()?.id.replace(/^room-/, '');
  const tab = () => document.querySelector('#questions > .tab-wrapper [role=tab][aria-selected=true]')?.dataset.tabId ?? 'start';
  const place = () => method() ?? tab();
  const named = (value, pattern = /^[a-z][a-z0-9_]{0,63}$/) => (pattern.test(value ?? '') ? value : null);

  function usual(where) {
    if (where === 'start') return '';
    return method() ? `?method=${where}` : `?tab=${where}`;
  }

  function step(query) {
    if (query !== location.search) history.pushState(null, '', location.pathname + query);
  }

  function change(query) { history.replaceState(history.state, '', location.pathname + query); }

  // Each place keeps the address that it had. Gradio tells of tabs that it opened by itself too; a click does not.
  function followTabs(event) {
    const button = event.target.closest?.('#questions > .tab-wrapper button, .bw-methods > .tab-wrapper button');
    const fold = event.target.closest?.('.bw-folds-of-run > .tab-wrapper button[role=tab]');
    if (fold) return followFold(fold.dataset.tabId);
    if (!button) return;
    const left = place();
    kept[left] = location.search;
    setTimeout(() => { if (place() !== left) step(kept[place()] ?? usual(place())); }, 150);
  }

  function followFold(name) {
    const query = asked();
    if (!query.get('run') || !name || (query.get('tab') ?? 'pictures') === name) return;
    const kept = name === 'pictures' ? {} : { tab: name };
    step(`?${new URLSearchParams({ run: query.get('run'), ...kept })}`);
  }

  function foldTab(name) {
    return [...(room()?.querySelectorAll('.bw-folds-of-run > .tab-wrapper [role=tab]') ?? [])]
      .find((each) => each.dataset.tabId === name);
  }

  function sought() {
    const view = named(asked().get('view')), claim = named(asked().get('claim'));
    if (view) return room()?.querySelector(`[id="view-${method()}-${view}"]`);
    return claim ? room()?.querySelector(`[id="claim-${claim}"]`) : null;
  }

  function open(node) {
    for (let each = node?.parentElement; each; each = each.parentElement) {
      const button = each.matches('.bw-group-of-views') ? each.querySelector(':scope > button') : null;
      if (button && !button.classList.contains('open')) button.click();
    }
  }

  function settle(node, focus) {
    const head = node.querySelector('h2, h3, h4, h5');
    head?.setAttribute('tabindex', '-1');
    if (focus) head?.focus({ preventScroll: true });
    // What stands above it may still be drawn and push it down: it is followed until it rests or the visitor scrolls.
    const until = Date.now() + 3000;
    let over = false, at;
    for (const kind of ['wheel', 'touchmove', 'keydown', 'pointerdown']) {
      addEventListener(kind, () => { over = true; }, { once: true, passive: true });
    }
    const follow = setInterval(() => {
      if (over || Date.now() > until) return clearInterval(follow);
      const now = Math.round(node.getBoundingClientRect().top + scrollY);
      if (now !== at) node.scrollIntoView({ block: 'start' });
      at = now;
    }, 100);
  }

  // Shows the fold, then the view or claim, that the address names; they may be there a while later only.
  let seeking;
  function seek(focus = true) {
    clearInterval(seeking);
    const query = asked(), fold = query.get('claim') ? 'verdict' : named(query.get('tab'), /^[a-z]{1,20}$/) ?? 'pictures';
    const wanted = query.get('view') || query.get('claim'), lost = Date.now() + 20000;
    seeking = setInterval(() => {
      const button = foldTab(fold), node = sought();
      if (button && button.getAttribute('aria-selected') !== 'true') button.click();
      if (node) open(node);
      if (seen(node)) settle(node, focus);
      const there = wanted ? seen(node) : button?.getAttribute('aria-selected') === 'true';
      if (there || Date.now() > lost) clearInterval(seeking);
    }, 200);
  }

  // Called once a run is on the screen.
  function opened(run) {
    if (!run) return;
    if (asked().get('run') === run) return seek();
    step(`?run=${encodeURIComponent(run)}`);
    const shown = room()?.querySelector('.bw-shown');
    shown?.scrollIntoView({ block: 'start' });
    setTimeout(() => shown?.querySelector('.bw-run-top h2')?.focus({ preventScroll: true }), 300);
  }

  function told(name) {
    const toast = document.querySelector('.bw-toast');
    if (!toast) return;
    Object.assign(toast, { textContent: toast.dataset[name], hidden: false });
    setTimeout(() => { toast.hidden = true; }, 4000);
  }

  function link(view, names, values) {
    const run = room()?.querySelector('.bw-run-top')?.dataset.run;
    if (!run) return;
    const query = new URLSearchParams({ run, view });
    names.forEach((name, at) => query.set(`control.${name}`, Array.isArray(values[at]) ? values[at].join(',') : values[at] ?? ''));
    change(`?${query}`);
    if (!navigator.clipboard) return told('inAddress');
    navigator.clipboard.writeText(location.href).then(() => told('copied'), () => told('inAddress'));
  }

  function jump(event) {
    const list = event.target.closest?.('.bw-jump');
    if (!list?.value) return;
    const run = room()?.querySelector('.bw-run-top')?.dataset.run, query = new URLSearchParams(list.value);
    step(`?${new URLSearchParams({ run, ...Object.fromEntries(query) })}`);
    list.value = '';
    seek();
  }

  function title() {
    const run = room()?.querySelector('.bw-run:not(.bw-is-preview, .bw-is-empty)') && room().querySelector('.bw-run-top');
    const named = run?.querySelector('h2, h3')?.textContent, mark = run?.querySelector('.bw-mark')?.textContent;
    const inner = room()?.closest('.bw-methods')?.querySelector(':scope > .tab-wrapper [role=tab][aria-selected=true]');
    const outer = document.querySelector('#questions > .tab-wrapper [role=tab][aria-selected=true]');
    const where = tab() === 'start' ? '' : (inner ?? outer)?.textContent.trim();
    const said = named ? `${mark} ${named} · Benchwright` : where ? `${where} · Benchwright` : 'Benchwright';
    if (document.title !== said) document.title = said;
  }

  // Until the run that the address names is there, the page says so, and not what it would show without one.
  function arrive() {
    if (!asked().get('run')) return;
    arriving.add('bw-arriving');
    const until = Date.now() + 15000;
    const look = setInterval(() => {
      const words = document.querySelector('.bw-arriving-words');
      const there = room()?.querySelector('.bw-run') || document.querySelector('.bw-notice .bw-alert') || tab() === 'models-data';
      const over = Boolean(there) || Date.now() > until;
      if (words) words.hidden = over;
      if (over) { arriving.remove('bw-arriving'); clearInterval(look); }
    }, 50);
  }

  window.benchwrightAddress = { opened, link };
  arrive();
  document.addEventListener('click', followTabs, true);
  document.addEventListener('change', jump);
  addEventListener('popstate', () => {
    if (window.benchwrightGo) window.benchwrightGo(); else location.reload();
    if (asked().get('run')) seek(false);
  });
  setInterval(title, 500);
})();
