// Tells the token of an answer that is pointed at, or reached with the arrow keys: its probability and its rivals.
(() => {
  const make = (name, text) => Object.assign(document.createElement(name), { textContent: text });
  const shown = (text) => `“${text.replaceAll('\n', '↵')}”`;

  function rivals(token) {
    try { return JSON.parse(token.dataset.else); } catch { return []; }
  }

  function tell(token) {
    const answer = token.closest('.bw-tokens');
    answer.querySelector('.bw-here')?.classList.remove('bw-here');
    token.classList.add('bw-here');
    const told = answer.parentElement.querySelector('.bw-token-told');
    if (!told) return;
    const others = rivals(token).flatMap(([text, share]) => [make('span', `${shown(text)} ${share}`), ' ']);
    for (const node of others) if (node.classList) node.className = 'bw-chip';
    told.replaceChildren(make('strong', shown(token.textContent)), ` ${token.dataset.p}`);
    if (others.length) told.append('; others: ', ...others);
  }

  function walk(answer, key) {
    const tokens = [...answer.querySelectorAll('.bw-token')];
    const here = tokens.findIndex((token) => token.classList.contains('bw-here'));
    const steps = { ArrowRight: here + 1, ArrowLeft: Math.max(here - 1, 0), Home: 0, End: tokens.length - 1 };
    const next = tokens[Math.min(steps[key], tokens.length - 1)];
    if (!next) return;
    tell(next);
    next.scrollIntoView({ block: 'nearest' });
  }

  for (const kind of ['pointerover', 'click']) {
    document.addEventListener(kind, (event) => {
      const token = event.target.closest?.('.bw-tokens .bw-token');
      if (token) tell(token);
    });
  }
  document.addEventListener('keydown', (event) => {
    if (!event.target.matches?.('.bw-tokens') || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!['ArrowRight', 'ArrowLeft', 'Home', 'End'].includes(event.key)) return;
    event.preventDefault();
    walk(event.target, event.key);
  });
})();
