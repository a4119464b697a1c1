// What the page does by itself: theme choice, relative times, the address bar, what was opened, a server started anew.
(() => {
  const kept = 'benchwright-theme';
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const store = (action) => { try { return action(localStorage); } catch { return null; } };

  function wanted() { return store((s) => s.getItem(kept)) ?? (dark.matches ? 'dark' : 'light'); }

  function applyTheme() {
    document.body?.classList.toggle('dark', wanted() === 'dark');
    document.documentElement.style.colorScheme = wanted();
    const button = document.querySelector('.bw-theme');
    button?.setAttribute('aria-pressed', String(wanted() === 'dark'));
  }

  function relative(seconds) {
    const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
    for (const [unit, size] of [['day', 86400], ['hour', 3600], ['minute', 60]]) {
      if (Math.abs(seconds) >= size) return words.format(Math.trunc(seconds / size), unit);
    }
    return 'just now';
  }

  function tellTimes() {
    for (const node of document.querySelectorAll('time[data-relative]')) {
      const at = new Date(node.dateTime);
      const said = Date.now() - at > 7 * 864e5 ? at.toLocaleDateString() : relative((at - Date.now()) / 1000);
      if (node.textContent !== said) node.textContent = said;
      if (!node.title) node.title = at.toLocaleString();
    }
  }

  // The address goes with the open tab: each question keeps the run it shows. Gradio tells of tabs that it opened by
  // itself too; a click does not.
  const addresses = {};
  const openTab = () =>
    document.querySelector('#questions > .tab-wrapper [role=tab][aria-selected=true]')?.dataset.tabId ?? 'start';

  function followTabs(event) {
    if (!event.target.closest?.('#questions > .tab-wrapper button')) return;
    const left = openTab();
    if (!['start', 'models-data', 'history'].includes(left)) addresses[left] = location.search;
    setTimeout(() => {
      if (openTab() === left) return;
      history.replaceState(history.state, '', location.pathname + (addresses[openTab()] ?? ''));
    }, 100);
  }

  // A link may name one of the run's views (&view=NAME): it is scrolled to once it is there.
  function seekView() {
    const view = new URLSearchParams(location.search).get('view');
    if (!/^[a-z][a-z0-9_]{0,63}$/.test(view ?? '')) return;
    const until = Date.now() + 20000;
    const look = setInterval(() => {
      const found = document.getElementById(`view-${view}`);
      if (found?.offsetParent) found.scrollIntoView({ block: 'start' });
      if (found?.offsetParent || Date.now() > until) clearInterval(look);
    }, 250);
  }

  // A server that was started anew knows nothing of the rooms that an earlier one laid out on this page.
  let server;
  async function followServer() {
    if (document.hidden) return;
    try {
      const now = (await (await fetch('/healthz', { cache: 'no-store' })).json()).server;
      server ??= now;
      if (now !== server) location.reload();
    } catch { /* it is down, or on its way up */ }
  }

  dark.addEventListener('change', () => setTimeout(applyTheme));
  addEventListener('visibilitychange', followServer);
  document.addEventListener('click', followTabs, true);
  document.addEventListener('click', (event) => {
    if (!event.target.closest?.('.bw-theme')) return;
    store((s) => s.setItem(kept, wanted() === 'dark' ? 'light' : 'dark'));
    applyTheme();
  });
  addEventListener('storage', (event) => { if (event.key === kept) applyTheme(); });
  function begin() {
    applyTheme();
    tellTimes();
    seekView();
    let due = 0;
    new MutationObserver(() => { due ||= setTimeout(() => { due = 0; tellTimes(); }, 50); })
      .observe(document.body, { childList: true, subtree: true });
    new MutationObserver(() => {
      if (document.body.classList.contains('dark') !== (wanted() === 'dark')) applyTheme();
    }).observe(document.body, { attributes: true, attributeFilter: ['class'] });
    setInterval(tellTimes, 20000);
    followServer();
    setInterval(followServer, 4000);
    // Gradio folds tabs that do not fit when the window changes, not when a font arrives
    document.fonts.addEventListener('loadingdone', () => dispatchEvent(new Event('resize')));
  }
  if (document.body) begin(); else document.addEventListener('DOMContentLoaded', begin);
})();
