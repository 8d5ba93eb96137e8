'use strict';
const OUTCOMES = ['split', 'runtime', 'dev', 'unchanged', 'skipped', 'error'];
const LEVELS = ['note', 'warning', 'error'];
const ROW = 46;
const FOLD = 4;
const element = (id) => document.getElementById(id);

/** A node with attributes and children; nothing of the data is ever taken for markup. */
function node(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== null));
  return made;
}

const summary = JSON.parse(document.querySelector('script.summary').textContent);
const needsPerson = (finding) => finding.level === 'error' || (finding.fix === undefined && finding.level === 'warning');
const files = Array.from(document.querySelectorAll('script.file'), (script) => {
  const file = JSON.parse(script.textContent);
  file.person = file.findings.filter(needsPerson).length;
  file.levels = new Set(file.findings.map((finding) => finding.level));
  file.rules = new Set(file.findings.map((finding) => finding.rule));
  const next = script.nextElementSibling;
  file.source = next.className === 'text' ? next : null;
  file.packages = file.findings.filter((finding) => finding.rule === 'unknown-package')
    .map((finding) => (/^`([^`]+)`/.exec(finding.message) || [])[1]).filter(Boolean);
  return file;
});

/** Everything that a search looks at; put together when somebody searches. */
function wordsOf(file) {
  file.words ??= [file.path, ...file.images, ...file.findings.map((finding) => finding.message)].join('\n').toLowerCase();
  return file.words;
}

/** Reads text and diff of a file when it is opened. */
function open(file) {
  if (file.source) Object.assign(file, JSON.parse(file.source.textContent));
  file.source = null;
}

const state = { outcomes: new Set(), package: '', tab: 'files', rows: files, selected: null, cursor: -1, finding: -1, unified: false };

/* Totals and the picture of outcomes */

const number = (value) => value.toLocaleString('en');
const plural = (value, one, many) => [node('b', {}, number(value)), ' ', value === 1 ? one : many];

function showTotals() {
  const { counts } = summary;
  const person = files.reduce((sum, file) => sum + file.person, 0);
  const withPerson = files.filter((file) => file.person > 0).length;
  const totals = [
    plural(counts.files, 'file', 'files'),
    [node('b', {}, number(counts.changed)), ' to change'],
    [...plural(person, 'finding', 'findings'), ' for a person', person ? `, in ${number(withPerson)} ${withPerson === 1 ? 'file' : 'files'}` : ''],
    [...plural(counts.packages.mapped, 'package', 'packages'), ` mapped, ${number(counts.packages.dropped)} left out, ${number(counts.packages.unknown)} unknown`],
  ];
  element('totals').replaceChildren(...totals.map((total) => node('span', {}, ...total)));
  for (const name of OUTCOMES.filter((outcome) => counts.outcomes[outcome] > 0)) {
    const count = counts.outcomes[name];
    const toggle = { type: 'button', 'aria-pressed': 'false', 'data-outcome': name, style: `--color: var(--${name})`, onclick: () => toggleOutcome(name) };
    const share = Math.round((count / counts.files) * 1000) / 10;
    const part = node('button', { ...toggle, 'aria-label': `${name}: ${number(count)} files`, title: `${name}: ${number(count)} (${share} %)`, tabindex: '-1' });
    part.style.flexGrow = count;
    element('bar').append(part);
    element('legend').append(node('button', { ...toggle, class: 'chip' },
      node('span', { class: 'dot' }), name, node('span', { class: 'count' }, number(count))));
  }
}

function toggleOutcome(name) {
  if (!state.outcomes.delete(name)) state.outcomes.add(name);
  for (const button of document.querySelectorAll('[data-outcome]')) {
    button.setAttribute('aria-pressed', String(state.outcomes.has(button.dataset.outcome)));
  }
  document.querySelector('header').classList.toggle('some', state.outcomes.size > 0);
  filter();
}

/* Filters */

function fillChoices() {
  const fill = (id, values) => {
    const counts = new Map();
    for (const list of values) for (const value of list) counts.set(value, (counts.get(value) || 0) + 1);
    const sorted = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    element(id).append(...sorted.map(([value, count]) => node('option', { value, title: summary.rules[value] }, `${value} (${number(count)})`)));
  };
  fill('rule', files.map((file) => file.rules));
  fill('image', files.map((file) => file.images));
}

function filter() {
  const words = element('search').value.toLowerCase().split(/\s+/).filter(Boolean);
  const [level, rule, image] = ['level', 'rule', 'image'].map((id) => element(id).value);
  const rows = files.filter((file) => (state.outcomes.size === 0 || state.outcomes.has(file.outcome))
    && (!rule || file.rules.has(rule)) && (!image || file.images.includes(image))
    && (!level || (level === 'person' ? file.person > 0 : file.levels.has(level)))
    && (!state.package || file.packages.includes(state.package))
    && words.every((word) => wordsOf(file).includes(word)));
  if (element('order').value === 'work') rows.sort((a, b) => b.person - a.person);
  if (state.tab === 'packages') {
    const counts = new Map();
    for (const file of rows) for (const name of file.packages) {
      const known = counts.get(name) || { name, uses: 0, files: new Set() };
      known.uses += 1;
      known.files.add(file);
      counts.set(name, known);
    }
    state.rows = [...counts.values()].sort((a, b) => b.files.size - a.files.size || (a.name < b.name ? -1 : 1));
    element('status').textContent = `${number(state.rows.length)} packages`;
  } else {
    state.rows = rows;
    element('status').textContent = rows.length === files.length ? `${number(files.length)} files` : `${number(rows.length)} of ${number(files.length)}`;
  }
  element('narrowed').replaceChildren(...(state.package ? [node('button', { type: 'button', class: 'chip', 'aria-pressed': 'true', title: 'Show all files (Esc)',
    onclick: () => { state.package = ''; filter(); element('list').focus(); } }, 'package ', node('code', {}, state.package), ' \u00d7')] : []));
  state.cursor = state.tab === 'files' ? rows.indexOf(state.selected) : -1;
  element('list').scrollTop = 0;
  showRows();
}

function setTab(tab) {
  state.tab = tab;
  for (const name of ['files', 'packages']) element(`tab-${name}`).setAttribute('aria-selected', String(name === tab));
  element('list').setAttribute('aria-label', tab === 'files' ? 'Files' : 'Unresolved packages');
  if (tab === 'packages') state.package = '';
  filter();
}

/* The list: only the rows in sight are in the page */

function showRows() {
  const [list, space] = [element('list'), element('space')];
  space.style.height = `${state.rows.length * ROW}px`;
  const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 5);
  const last = Math.min(state.rows.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 5);
  const rows = [];
  for (let index = first; index < last; index += 1) rows.push(state.tab === 'files' ? fileRow(index) : packageRow(index));
  if (!state.rows.length) rows.push(node('div', { class: 'empty' }, state.tab === 'files' ? 'No file matches.' : 'Every package is resolved.'));
  space.replaceChildren(...rows);
  const current = state.cursor >= 0 ? `row-${state.cursor}` : '';
  if (current) list.setAttribute('aria-activedescendant', current); else list.removeAttribute('aria-activedescendant');
}

function rowAttributes(index, kind) {
  return { class: `row ${kind}`, id: `row-${index}`, role: 'option', style: `top: ${index * ROW}px`, 'aria-selected': String(index === state.cursor),
    'aria-setsize': state.rows.length, 'aria-posinset': index + 1, onclick: () => choose(index) };
}

/** What tells a file from the others first: most are called the same, so its folder goes with the name. */
function parts(path) {
  const all = path.split('/');
  const own = all.length > 1 && /^(Docker|Container)file$/.test(all.at(-1)) ? 2 : 1;
  return { folder: all.slice(0, -own).join('/') || '.', parent: all.slice(-own, -1).join('/'), name: all.at(-1) };
}

function fileRow(index) {
  const file = state.rows[index];
  const { folder, parent, name } = parts(file.path);
  const worst = file.levels.has('error') ? 'error' : 'warning';
  return node('div', { ...rowAttributes(index, 'file'), title: file.path },
    node('span', { class: 'dot', style: `--color: var(--${file.outcome})`, title: file.outcome }),
    node('span', { class: 'name' }, parent || name, parent ? node('span', { class: 'common' }, `/${name}`) : null),
    file.person ? node('span', { class: `left ${worst}`, title: `${file.person} for a person` }, String(file.person)) : null,
    node('span', { class: 'folder' }, `\u200e${folder}\u200e`));
}

function packageRow(index) {
  const entry = state.rows[index];
  return node('div', rowAttributes(index, 'package'),
    node('span', { class: 'name code' }, entry.name),
    node('span', { class: 'left' }, `${number(entry.files.size)} ${entry.files.size === 1 ? 'file' : 'files'}`));
}

function choose(index) {
  if (index < 0 || index >= state.rows.length) return;
  if (state.tab === 'packages') {
    state.package = state.rows[index].name;
    state.tab = 'files';
    for (const name of ['files', 'packages']) element(`tab-${name}`).setAttribute('aria-selected', String(name === 'files'));
    filter();
    return choose(0);
  }
  state.cursor = index;
  const list = element('list');
  const top = index * ROW;
  if (top < list.scrollTop) list.scrollTop = top;
  if (top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
  showRows();
  if (state.selected !== state.rows[index]) {
    state.selected = state.rows[index];
    state.finding = -1;
    // The address names the file, to be sent to somebody.
    history.replaceState(null, '', `#${encodeURI(state.selected.path)}`);
    showFile();
  }
}

/* One file */

/** The old lines in order, each kept, removed or replaced: rows of [old number, old line, new number, new line]. */
function pairs(file) {
  const old = file.text.split('\n');
  if (old.at(-1) === '') old.pop();
  const rows = [];
  let [oldAt, newAt] = [0, 0];
  const keep = (until) => { while (oldAt < until) rows.push({ old: ++oldAt, new: ++newAt, text: old[oldAt - 1] }); };
  let [removed, added] = [[], []];
  const flush = () => {
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1) {
      const row = { removed: removed[index], added: added[index] };
      if (row.removed && row.added) [row.removed.shown, row.added.shown] = marked(row.removed.text, row.added.text);
      rows.push(row);
    }
    [removed, added] = [[], []];
  };
  for (const line of (file.diff || '').split('\n')) {
    const hunk = /^@@ -(\d+)(?:,(\d+))? \+/.exec(line);
    if (hunk) {
      flush();
      keep(Number(hunk[1]) - (hunk[2] === '0' ? 0 : 1));
    } else if (line[0] === '-') removed.push({ number: ++oldAt, text: line.slice(1) });
    else if (line[0] === '+') added.push({ number: ++newAt, text: line.slice(1) });
    else if (line[0] === ' ') {
      flush();
      rows.push({ old: ++oldAt, new: ++newAt, text: line.slice(1) });
    }
  }
  flush();
  keep(old.length);
  return rows;
}

/** The words in which two lines differ, marked: [old, new]. */
function marked(old, made) {
  if (old === undefined || made === undefined) return [old, made];
  let [start, end] = [0, 0];
  const shorter = Math.min(old.length, made.length);
  while (start < shorter && old[start] === made[start]) start += 1;
  while (end < shorter - start && old.at(-1 - end) === made.at(-1 - end)) end += 1;
  // Whole words: half a name is no difference that one reads.
  const word = /[\w.+\uD800-\uDFFF-]/;
  while (start > 0 && word.test(old[start - 1])) start -= 1;
  while (end > 0 && word.test(old[old.length - end])) end -= 1;
  // Lines with little in common are told apart without it.
  if (start + end < 4) return [old, made];
  const mark = (text) => [text.slice(0, start), node('mark', {}, text.slice(start, text.length - end)), text.slice(text.length - end)];
  return [mark(old), mark(made)];
}

const cell = (kind, text) => node('td', { class: kind }, ...(Array.isArray(text) ? text : [text === undefined ? '' : text]));

function lineRows(row) {
  if (row.text !== undefined) {
    return state.unified
      ? [node('tr', {}, cell('number', row.old), cell('number', row.new), cell('', row.text))]
      : [node('tr', {}, cell('number', row.old), cell('', row.text), cell('number', row.new), cell('', row.text))];
  }
  const { removed, added } = row;
  if (!state.unified) {
    return [node('tr', {},
      cell('number', removed && removed.number), cell(removed ? 'removed' : 'none', removed && (removed.shown ?? removed.text)),
      cell('number', added && added.number), cell(added ? 'added' : 'none', added && (added.shown ?? added.text)))];
  }
  return [removed && node('tr', {}, cell('number', removed.number), cell('number'), cell('removed', removed.shown ?? removed.text)),
    added && node('tr', {}, cell('number'), cell('number', added.number), cell('added', added.shown ?? added.text))];
}

/** In a unified view all removed lines of a change stand before the added ones, and what is said of them after both. */
function ordered(rows) {
  if (!state.unified) return rows;
  const result = [];
  let [removed, added] = [[], []];
  const flush = () => {
    const change = [...removed, ...added];
    if (change.length) {
      for (const row of change) row.lines = [];
      change.at(-1).lines = removed.map((row) => row.removed.number);
    }
    result.push(...change);
    [removed, added] = [[], []];
  };
  for (const row of rows) {
    if (row.text !== undefined) { flush(); result.push(row); continue; }
    if (row.removed) removed.push({ removed: row.removed });
    if (row.added) added.push({ added: row.added });
  }
  flush();
  return result;
}

/** Text with its `code` spans. */
function prose(text) {
  return text.split(/(`[^`]*`)/).map((part) => (part.length > 1 && part.startsWith('`') && part.endsWith('`') ? node('code', {}, part.slice(1, -1)) : part));
}

function findingNode(finding) {
  const place = finding.end_line > finding.line ? `lines ${finding.line}–${finding.end_line}` : `line ${finding.line}`;
  const done = finding.fix ? ` · ${finding.fix}` : needsPerson(finding) ? ' · for a person' : '';
  return node('div', { class: `finding ${finding.level}`, tabindex: '-1' }, node('div', {}, ...prose(finding.message)),
    node('div', { class: 'rule', title: summary.rules[finding.rule] }, node('b', {}, finding.level), ` · ${finding.rule} · ${place}${done}`));
}

function showFile() {
  const file = state.selected;
  open(file);
  const main = element('main');
  const choice = (unified, label) => node('button', { type: 'button', 'aria-pressed': String(state.unified === unified), onclick: () => setUnified(unified) }, label);
  const head = node('div', { class: 'file-head' }, node('h2', {}, file.path),
    node('span', { class: 'meta' }, node('span', { class: 'dot', style: `--color: var(--${file.outcome})` }), file.outcome),
    file.person ? node('span', { class: 'meta' }, `${file.person} for a person`) : null,
    file.changed ? node('div', { class: 'switch', role: 'group', 'aria-label': 'View' }, choice(false, 'Side by side'), choice(true, 'Unified')) : null);
  const children = [head];
  if (file.text === undefined || file.text === '') {
    const remarks = file.findings.map(findingNode);
    children.push(node('div', { class: 'general remark' }, ...(remarks.length ? remarks : [node('p', { class: 'empty' }, 'Nothing to change, nothing to say.')])));
  } else children.push(node('div', { class: 'sheet' }, sheet(file)));
  main.replaceChildren(...children);
  main.scrollTop = 0;
}

function sheet(file) {
  const rows = ordered(pairs(file));
  const byLine = new Map();
  const total = rows.reduce((last, row) => Math.max(last, row.old || (row.removed ? row.removed.number : 0)), 0);
  for (const finding of file.findings) {
    const line = Math.min(finding.end_line, Math.max(total, 1));
    byLine.set(line, [...(byLine.get(line) || []), finding]);
  }
  const columns = state.unified ? 3 : 4;
  const body = node('tbody', {});
  const near = new Set();
  rows.forEach((row, index) => {
    const line = row.old || (row.removed && row.removed.number);
    if (row.text === undefined || byLine.has(line)) for (let at = index - FOLD; at <= index + FOLD; at += 1) near.add(at);
  });
  const show = (row) => {
    const made = lineRows(row).filter(Boolean);
    const findings = (row.lines ?? [row.old || (row.removed && row.removed.number)]).flatMap((line) => byLine.get(line) ?? []);
    if (findings.length) made.push(node('tr', { class: 'remark' }, node('td', { colspan: columns }, ...findings.map(findingNode))));
    return made;
  };
  for (let index = 0; index < rows.length;) {
    let end = index;
    while (end < rows.length && !near.has(end)) end += 1;
    if (end - index > 3) {
      const hidden = rows.slice(index, end);
      const fold = node('tr', { class: 'fold' }, node('td', { colspan: columns }, node('button', { type: 'button',
        onclick: () => fold.replaceWith(...hidden.flatMap(show)) }, `${number(hidden.length)} unchanged lines`)));
      body.append(fold);
      index = end;
    } else {
      body.append(...show(rows[index]));
      index += 1;
    }
  }
  const numbers = () => node('col', { class: 'number' });
  const group = state.unified ? [numbers(), numbers(), node('col', {})] : [numbers(), node('col', {}), numbers(), node('col', {})];
  return node('table', { class: 'diff' }, node('colgroup', {}, ...group), body);
}

function setUnified(unified) {
  state.unified = unified;
  if (state.selected) showFile();
}

function stepFinding(step) {
  const all = [...element('main').querySelectorAll('.finding')];
  if (!all.length) return;
  state.finding = (state.finding + step + all.length) % all.length;
  for (const each of all) each.classList.remove('current');
  all[state.finding].classList.add('current');
  all[state.finding].scrollIntoView({ block: 'center' });
}

/* Keys */

function onKey(event) {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'Escape') {
    if (event.target === element('search')) element('search').value = '';
    state.package = '';
    filter();
    element('list').focus();
    return;
  }
  if (event.target === element('search') && (event.key === 'Enter' || event.key === 'ArrowDown')) {
    element('list').focus();
    choose(Math.max(state.cursor, 0));
    event.preventDefault();
    return;
  }
  if (typing) return;
  const page = Math.max(1, Math.floor(element('list').clientHeight / ROW) - 1);
  const inList = document.activeElement === element('list');
  const move = { j: 1, k: -1 }[event.key] ?? (inList ? { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }[event.key] : undefined);
  if (move !== undefined) choose(Math.min(state.rows.length - 1, Math.max(0, state.cursor + move)));
  else if (inList && event.key === 'Home') choose(0);
  else if (inList && event.key === 'End') choose(state.rows.length - 1);
  else if (inList && event.key === 'Enter') element('main').focus();
  else if (event.key === '/') element('search').focus();
  else if (event.key === 'u') setUnified(!state.unified);
  else if (event.key === 'n' || event.key === 'p') stepFinding(event.key === 'n' ? 1 : -1);
  else return;
  event.preventDefault();
}

showTotals();
fillChoices();
filter();
element('search').addEventListener('input', filter);
for (const id of ['level', 'rule', 'image', 'order']) element(id).addEventListener('change', filter);
for (const name of ['files', 'packages']) element(`tab-${name}`).addEventListener('click', () => setTab(name));
element('list').addEventListener('scroll', () => requestAnimationFrame(showRows), { passive: true });
window.addEventListener('resize', showRows);
document.addEventListener('keydown', onKey);
element('list').focus({ preventScroll: true });

/** Opens the file that the address names. */
function openNamed() {
  let path = '';
  try { path = decodeURI(location.hash.slice(1)); } catch { return; }
  choose(path ? state.rows.findIndex((file) => file.path === path) : -1);
}
window.addEventListener('hashchange', openNamed);
openNamed();
