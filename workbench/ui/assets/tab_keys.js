// Arrow keys, Home and End walk through the tabs of a row and open them, as the pattern for tabs asks.
document.addEventListener('keydown', (event) => {
  const tab = event.target.closest?.('[role=tab]'), row = tab?.closest('[role=tablist]');
  if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
  const tabs = [...row.querySelectorAll('[role=tab]')].filter((each) => each.offsetParent && !each.disabled);
  const here = tabs.indexOf(tab), last = tabs.length - 1;
  const steps = { ArrowRight: here === last ? 0 : here + 1, ArrowLeft: here ? here - 1 : last, Home: 0, End: last };
  const next = tabs[steps[event.key]];
  if (!next) return;
  event.preventDefault();
  const name = next.id || next.textContent;
  next.click();
  // Gradio may make the row anew when a tab opens
  setTimeout(() => {
    const named = (each) => (each.id || each.textContent) === name && each.offsetParent;
    const again = [...row.querySelectorAll("[role=tab]")].find(named);
    (again ?? next).focus();
  });
});
