// Whether the workbench answers: the page says so when it does not, and loads again when another server has taken over.
(() => {
  const EVERY = 4000, PATIENCE = 6000;
  let server, unanswered = 0, asking = false;

  function tell() {
    const notice = document.querySelector('.bw-connection');
    // a single slow answer is nothing to speak of
    if (notice) notice.hidden = unanswered < 2;
  }

  async function ask() {
    if (document.hidden || asking) return;
    asking = true;
    try {
      const answer = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) });
      const now = (await answer.json()).server;
      server ??= now;
      unanswered = 0;
      // a server that was started anew knows nothing of the rooms that an earlier one laid out on this page
      if (now !== server) location.reload();
    } catch {
      unanswered += 1;
    } finally {
      asking = false;
    }
    tell();
  }

  addEventListener('visibilitychange', ask);
  addEventListener('online', ask);
  function begin() {
    ask();
    setInterval(ask, EVERY);
  }
  if (document.body) begin(); else document.addEventListener('DOMContentLoaded', begin);
})();
