// Arrow keys, Home and End go from tab to tab; Enter or Space opens the one that has the focus, as Gradio's buttons do.
(() => {
  const ways = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  document.addEventListener('keydown', (event) => {
    const here = event.target.closest?.('[role=tablist] [role=tab]');
    if (!here || event.ctrlKey || event.metaKey || event.altKey) return;
    const tabs = [...here.closest('[role=tablist]').querySelectorAll('[role=tab]')].filter((each) => each.offsetParent && !each.disabled);
    const at = tabs.indexOf(here), last = tabs.length - 1;
    const to = { Home: 0, End: last }[event.key] ?? (event.key in ways ? (at + ways[event.key] + tabs.length) % tabs.length : -1);
    if (at < 0 || to < 0) return;
    event.preventDefault();
    tabs[to].focus();
  });
})();
