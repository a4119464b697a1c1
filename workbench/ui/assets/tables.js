// Tables that are wider than their frame: a shadow says that there is more, and a number that the edge would cut in two
// is not shown until it is there whole ("96" is not 960).
(() => {
  const LONGEST = 24; // "−18,529 to −5,704 tokens"; what is longer and begins with a digit is prose
  const isNumber = (text) => text.length <= LONGEST && /^[−-]?\d/.test(text);
  const watched = new WeakSet();

  function look(frame) {
    const room = frame.getBoundingClientRect(), left = room.left + frame.clientLeft, right = left + frame.clientWidth;
    frame.classList.toggle('bw-more-right', frame.scrollLeft + frame.clientWidth < frame.scrollWidth - 1);
    frame.classList.toggle('bw-more-left', frame.scrollLeft > 1);
    const rows = frame.querySelectorAll('tr');
    const cut = [...(rows[0]?.children ?? [])].map((cell) => {
      const at = cell.getBoundingClientRect();
      return (at.right > right + 1 && at.left < right) || (at.left < left - 1 && at.right > left);
    });
    if (frame.dataset.cut === String(cut) && frame.dataset.rows === String(rows.length)) return;
    Object.assign(frame.dataset, { cut: String(cut), rows: rows.length });
    for (const row of rows) {
      [...row.children].forEach((cell, at) => cell.classList.toggle('bw-cut', cut[at] && isNumber(cell.textContent)));
    }
  }

  const sized = new ResizeObserver((entries) => { for (const each of entries) look(each.target); });

  function watch() {
    for (const frame of document.querySelectorAll('.bw-table')) {
      if (watched.has(frame)) continue;
      watched.add(frame);
      sized.observe(frame);
      frame.addEventListener('scroll', () => requestAnimationFrame(() => look(frame)), { passive: true });
    }
  }

  function begin() {
    let due = 0;
    new MutationObserver(() => { due ||= setTimeout(() => { due = 0; watch(); }, 60); })
      .observe(document.body, { childList: true, subtree: true });
    watch();
  }
  if (document.body) begin(); else document.addEventListener('DOMContentLoaded', begin);
})();
