// Rows in a Gradio HTML component: sortable by its headers, saved as CSV by the browser, a row may be selected.
const frame = element.querySelector('.bw-rows');
const said = JSON.parse(frame.dataset.words);
const fill = (message, gaps) => message.replace(/\{(\w+)\}/g, (_, name) => gaps[name]);
const language = document.documentElement.lang || 'en';
let shown = null;
let order = { column: -1, descending: false };
const PROSE_WIDTH = 36; // characters
const GROUPED = 10000; // from here on digits stand in groups; smaller numbers may be years

const make = (name, attributes = {}, ...content) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...content);
  return node;
};

function words(value, column) {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'boolean') return value ? said.yes : said.no;
  if (typeof value !== 'number') return Array.isArray(value) ? value.map((each) => words(each, column)).join(', ') : String(value);
  if (grouped(column)) return value.toLocaleString(language, { maximumSignificantDigits: Number.isInteger(value) ? 21 : 6 });
  const [digits, power] = String(Number.isInteger(value) ? value : Number(value.toPrecision(4))).split('e');
  return (power ? `${digits} × 10^${Number(power)}` : digits).replaceAll('-', '−');
}

// A column's numbers are written alike.
function grouped(column) {
  shown.grouped ??= shown.columns.map((_, at) => shown.rows.some((row) => Math.abs(row[at]) >= GROUPED));
  return shown.grouped[column];
}

function compare(a, b) {
  if (a === null || b === null) return (a === null) - (b === null);
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
}

function sorted() {
  if (order.column < 0) return shown.rows;
  const sign = order.descending ? -1 : 1;
  return [...shown.rows].sort((a, b) => sign * compare(a[order.column], b[order.column]));
}

function header(name, column) {
  const active = column === order.column;
  const mark = make('span', { 'aria-hidden': 'true' }, active ? (order.descending ? ' ▾' : ' ▴') : '');
  const button = make('button', { type: 'button', class: 'bw-sort' }, name, mark);
  button.onclick = () => {
    order = { column, descending: active && !order.descending };
    draw();
    frame.querySelectorAll('.bw-sort')[column].focus();
  };
  const direction = active ? (order.descending ? 'descending' : 'ascending') : 'none';
  return make('th', { scope: 'col', 'aria-sort': direction, class: numeric(column) }, button);
}

const numeric = (column) => (shown.numeric[column] ? 'bw-number' : 'bw-words');

function cell(row, column) {
  const text = words(row[column], column);
  const node = make('td', { class: numeric(column) }, text);
  // A browser makes a column of prose as narrow as its longest word, and its rows taller than the table.
  if (!shown.numeric[column]) node.style.minWidth = `calc(${Math.min(text.length, PROSE_WIDTH)}ch + 24px)`;
  if (shown.key !== column) return node;
  const button = make('button', { type: 'button', class: 'bw-pick' }, text);
  button.onclick = () => trigger('click', { key: row[column] });
  node.replaceChildren(button);
  return node;
}

function draw() {
  const head = make('tr', {}, ...shown.columns.map(header));
  const body = sorted().map((row) => make('tr', {}, ...row.map((_, column) => cell(row, column))));
  const table = make('table', {}, make('caption', { class: 'bw-unseen' }, frame.dataset.title),
    make('thead', {}, head), make('tbody', {}, ...body));
  const scroll = frame.querySelector('.bw-table');
  const [top, left] = [scroll?.scrollTop ?? 0, scroll?.scrollLeft ?? 0];
  const region = make('div', { class: 'bw-table', tabindex: '0', role: 'region', 'aria-label': frame.dataset.title }, table);
  const save = make('button', { type: 'button', class: 'bw-small', 'aria-label': `${said.save}: ${frame.dataset.title}` }, said.save);
  save.onclick = download;
  const [some, all] = [shown.rows.length, shown.total].map((many) => many.toLocaleString(language));
  const told = fill(shown.total > shown.rows.length ? said.first : shown.total === 1 ? said.one : said.rows, { some, all });
  frame.replaceChildren(region, make('p', { class: 'bw-below' }, told, ' ', save));
  region.scrollTop = top;
  region.scrollLeft = left;
}

// A spreadsheet takes text that starts like this for a formula; an apostrophe makes it text again.
const plain = (value) => (typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value);
const quoted = (value) => {
  const text = String(plain(Array.isArray(value) ? JSON.stringify(value) : value) ?? '');
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

function download() {
  const lines = [shown.columns, ...sorted()].map((row) => row.map(quoted).join(','));
  const address = URL.createObjectURL(new Blob([lines.join('\r\n') + '\r\n'], { type: 'text/csv;charset=utf-8' }));
  make('a', { href: address, download: `${frame.dataset.file}.csv` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function update() {
  try { shown = props.value ? JSON.parse(props.value) : null; } catch { shown = null; }
  if (!shown || !shown.rows.length) return frame.replaceChildren(make('p', { class: 'bw-plot-note' }, said.empty));
  if (order.column >= shown.columns.length) order = { column: -1, descending: false };
  draw();
}

watch('value', update);
update();
