// What the page does by itself: theme choice and relative times.
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

  // One style for every date; how long ago it was stands in the tooltip.
  function tellTimes() {
    const style = { dateStyle: 'medium', timeStyle: 'short' };
    const dates = new Intl.DateTimeFormat(document.documentElement.lang || 'en', style);
    for (const node of document.querySelectorAll('time[data-relative]')) {
      const at = new Date(node.dateTime), said = dates.format(at), since = relative((at - Date.now()) / 1000);
      if (node.textContent !== said) node.textContent = said;
      if (node.title !== since) node.title = since;
    }
  }

  dark.addEventListener('change', () => setTimeout(applyTheme));
  document.addEventListener('click', (event) => {
    if (!event.target.closest?.('.bw-theme')) return;
    store((s) => s.setItem(kept, wanted() === 'dark' ? 'light' : 'dark'));
    applyTheme();
  });
  addEventListener('storage', (event) => { if (event.key === kept) applyTheme(); });
  function begin() {
    applyTheme();
    tellTimes();
    let due = 0;
    new MutationObserver(() => { due ||= setTimeout(() => { due = 0; tellTimes(); }, 50); })
      .observe(document.body, { childList: true, subtree: true });
    new MutationObserver(() => {
      if (document.body.classList.contains('dark') !== (wanted() === 'dark')) applyTheme();
    }).observe(document.body, { attributes: true, attributeFilter: ['class'] });
    setInterval(tellTimes, 20000);
    // Gradio folds tabs that do not fit when the window changes, not when a font arrives
    document.fonts.addEventListener('loadingdone', () => dispatchEvent(new Event('resize')));
  }
  if (document.body) begin(); else document.addEventListener('DOMContentLoaded', begin);
})();
