// One live Plotly figure in a Gradio HTML component. The figure is replaced by Plotly.react on the same node with a
// constant uirevision, so that a redraw keeps zoom, legend choices and hover; a click on a point triggers "click".
const frame = element.querySelector('.bw-plot-frame');
const node = frame.querySelector('.bw-plot');
const usual = parseInt(node.style.height, 10);
const words = JSON.parse(frame.dataset.words);
let drawn = null, fittedTo = 0;

function plotly() {
  window.benchwrightPlotly ??= new Promise((resolve, reject) => {
    if (window.Plotly) return resolve(window.Plotly);
    const script = document.createElement('script');
    script.src = frame.dataset.script;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => { window.benchwrightPlotly = undefined; reject(new Error('plotly.js did not load')); };
    document.head.append(script);
  });
  return window.benchwrightPlotly;
}

function colours() {
  const style = getComputedStyle(element);
  const of = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  return {
    text: of('--body-text-color', '#333'),
    faint: of('--body-text-color-subdued', '#666'),
    ground: of('--block-background-fill', '#fff'),
    font: style.fontFamily,
  };
}

function dressed(fitted, look) {
  const layout = { ...fitted, uirevision: 'kept', autosize: true };
  delete layout.height; // the frame has it
  layout.font = { ...layout.font, color: look.text, family: look.font };
  layout.modebar = { bgcolor: 'rgba(0,0,0,0)', color: look.faint, activecolor: look.text };
  layout.hoverlabel = { bgcolor: look.ground, bordercolor: look.faint, font: { color: look.text } };
  return layout;
}

function save(format) {
  const look = { text: '#222', faint: '#555', ground: '#fff', font: 'Helvetica, Arial, sans-serif' };
  const size = node.getBoundingClientRect();
  const { data, layout: fitted } = window.benchwrightLayout.fit(drawn, size.width, look.ground);
  const layout = { ...dressed(fitted, look), paper_bgcolor: '#fff', plot_bgcolor: '#fff' };
  window.Plotly.downloadImage({ data, layout }, {
    format, filename: frame.dataset.file, width: size.width, height: size.height, scale: format === 'png' ? 3 : 1,
  });
}

const arrow = { width: 24, height: 24, path: 'M11 3h2v9l3.5-3.5 1.4 1.4L12 16 6.1 9.9l1.4-1.4L11 12zM4 18h16v2H4z' };
const saving = [
  { name: 'png', title: words.png, icon: arrow, click: () => save('png') },
  { name: 'svg', title: words.svg, icon: arrow, click: () => save('svg') },
];
const config = {
  responsive: false, displaylogo: false, displayModeBar: true,
  modeBarButtonsToRemove: ['toImage', 'sendChartToCloud', 'select2d', 'lasso2d', 'autoScale2d', 'zoomIn2d', 'zoomOut2d'],
  modeBarButtonsToAdd: saving,
};
// On a narrow screen a finger scrolls the page, so that nothing is zoomed by drawing on the figure.
const narrowConfig = { ...config, modeBarButtonsToAdd: [], modeBarButtons: [saving] };

function say(text) {
  const note = frame.querySelector('.bw-plot-note');
  note.textContent = text;
  note.hidden = !text;
}

function draw(library) {
  if (!drawn || !node.isConnected || !node.offsetWidth) return;
  fittedTo = node.offsetWidth;
  const { height } = window.benchwrightLayout.fit(drawn, fittedTo, '').layout;
  if (node.style.height !== `${height ?? usual}px`) node.style.height = `${height ?? usual}px`;
  react(library).then(() => {
    const more = window.benchwrightLayout.lacking(node);
    if (!more) return listen();
    node.style.height = `${parseInt(node.style.height, 10) + more}px`;
    return react(library).then(listen);
  });
}

function react(library) {
  const look = colours(), { data, layout } = window.benchwrightLayout.fit(drawn, fittedTo, look.ground);
  return library.react(node, data, dressed(layout, look), window.benchwrightLayout.isNarrow(fittedTo) ? narrowConfig : config);
}

function listen() {
  if (node.dataset.listening) return;
  node.dataset.listening = 'yes';
  node.on('plotly_click', (event) => {
    const point = event.points[0];
    trigger('click', { key: point.customdata ?? null, x: point.x ?? null, y: point.y ?? null });
  });
}

function update() {
  if (!props.value) { drawn = null; node.hidden = true; return say(words.empty); }
  try { drawn = JSON.parse(props.value); } catch { return say(words.unread); }
  node.hidden = false;
  say('');
  plotly().then(draw, () => say(words.unloaded));
}

const redraw = () => window.Plotly && draw(window.Plotly);
watch('value', update);
update();
(window.requestIdleCallback ?? setTimeout)(() => plotly().catch(() => {}));
new ResizeObserver(() => {
  if (!node.offsetWidth || !drawn || !window.Plotly) return;
  if (fittedTo !== node.offsetWidth) redraw();
}).observe(element);
new MutationObserver(redraw).observe(document.body, { attributes: true, attributeFilter: ['class'] });
