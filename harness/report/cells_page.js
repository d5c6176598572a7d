// cells_page.js - draws a page of cells from the rows in it: the map by state and segment, the grids, one cell's details.
// A row is numbers of strings; `\#` in a string is a number that is only in the row. Texts only ever become text nodes.
"use strict";
addEventListener("DOMContentLoaded", () => {
const texts = [], rows = [];
const numbers = new Map(), first = []; // a string that was written twice has one number all the same
let config = {};
for (const line of document.getElementById("cells").textContent.split("\n")) {
	const kind = line[0];
	if (kind === '"') {
		if (!numbers.has(line))
			numbers.set(line, texts.length);
		first.push(numbers.get(line));
		texts.push(line.slice(1));
	} else if (kind === "[") {
		first.push(texts.length);
		texts.push(line.length > 1 ? line.slice(1).split(",").map(Number) : []);
	} else if (kind === "{") {
		config = JSON.parse(line);
	} else if (kind) {
		const parts = line.split(",");
		if (parts.length > 8)
			rows.push(parts.slice(0, 9).map((part, i) => i ? first[part] : +part).concat(parts.slice(9)));
	}
}
const VERDICT = 0, STATE = 1, KIND = 2, SEQ = 3, TS = 4, REST = 5, SHOWN = 6, DETAILS = 7, RUNGS = 8, NUMBERS = 9;
const FIRST_GRIDS = 12, MORE_GRIDS = 60;
const HUES = ["faint", "good", "unsure", "bad"];
const ANSWERS = [["syn-ack", "SYN-ACK"], ["ack", "ACK"], ["rst", "RST"], ["silence", "silence (-)"], ["other", "anything else"]];

function make(tag, properties, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(properties || {})) {
		if (name.startsWith("on"))
			element.addEventListener(name.slice(2), value);
		else if (value !== null && value !== false)
			element.setAttribute(name, value === true ? "" : value);
	}
	element.append(...children.filter(child => child !== null));
	return element;
}
const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
// `numbers`: what the string's places take from the row, in order: first the ladder's, then those of what is said.
const filled = (text, numbers) => text.replace(/\\(.)/g, (all, what) =>
	what === "#" ? (numbers && numbers.length ? numbers.shift() : "…") : what === "l" ? "<" : what === "n" ? "\n" : what);
const nameOf = row => [STATE, KIND, SEQ, TS, REST].map(part => filled(texts[row[part]])).filter(part => part).join("/");
const shownOf = (row, view) => filled(texts[texts[row[SHOWN]][view] ?? texts[row[SHOWN]][0]]).split("\t");
const verdictOf = row => config.verdicts[row[VERDICT]];
function answerOf(text) {
	const word = text.toLowerCase();
	return word.startsWith("syn-ack") ? "syn-ack" : word.startsWith("ack") ? "ack" : word.startsWith("rst") ? "rst" :
		word.startsWith("-") || word.startsWith("silence") ? "silence" : "other";
}

const wanted = { text: "", verdict: "", state: "", kind: "", view: config.view };
let found = [], grids = FIRST_GRIDS;

// What a text is looked for in: the name, the answer, the verdict, and all that is said of the cell.
function matcher(query) {
	const words = query.toLowerCase().split(/\s+/).filter(word => word);
	const known = new Map();
	const says = id => {
		if (!known.has(id))
			known.set(id, texts[id].map(part => filled(texts[part])).join("\n").toLowerCase());
		return known.get(id);
	};
	return row => {
		if (!words.length)
			return true;
		const near = `${nameOf(row)} ${verdictOf(row).word}`.toLowerCase();
		return words.every(word => near.includes(word) || says(row[SHOWN]).includes(word) || says(row[DETAILS]).includes(word));
	};
}

function filter() {
	const match = matcher(wanted.text);
	found = rows.filter(row => (wanted.verdict === "" || row[VERDICT] === +wanted.verdict) &&
		(wanted.state === "" || row[STATE] === +wanted.state) && (wanted.kind === "" || row[KIND] === +wanted.kind) &&
		(config.views.length < 2 || shownOf(row, wanted.view)[0]) && match(row));
	grids = FIRST_GRIDS;
	draw();
}

const worst = list => list.reduce((most, row) => Math.max(most, HUES.indexOf(verdictOf(row).hue)), 0);
function marked(list) {
	const marks = new Map();
	for (const row of list)
		if (verdictOf(row).mark)
			marks.set(row[VERDICT], (marks.get(row[VERDICT]) || 0) + 1);
	return [...marks].map(([verdict, number]) => [config.verdicts[verdict], number]);
}

// The heat map: states down, kinds of segments across; a bar of the answers, and what is not as it should be in numbers.
function drawMap() {
	const states = new Map(), kinds = new Map();
	for (const row of found) {
		kinds.set(row[KIND], true);
		if (!states.has(row[STATE]))
			states.set(row[STATE], new Map());
		const line = states.get(row[STATE]);
		line.has(row[KIND]) ? line.get(row[KIND]).push(row) : line.set(row[KIND], [row]);
	}
	const head = make("tr", {}, make("td"), ...[...kinds.keys()].map(kind => make("th", { scope: "col" }, texts[kind])));
	const body = [...states].map(([state, line]) => make("tr", {}, make("th", { scope: "row" }, texts[state]),
		...[...kinds.keys()].map(kind => make("td", {}, line.has(kind) ? mapCell(state, kind, line.get(kind)) : null))));
	return make("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "Cells by state and segment" },
		make("table", { class: "heat" }, make("caption", {}, "Cells by state and segment"),
			make("thead", {}, head), make("tbody", {}, ...body)));
}

function mapCell(state, kind, list) {
	const answers = new Map(ANSWERS.map(([answer]) => [answer, 0]));
	for (const row of list) {
		const answer = answerOf(shownOf(row, wanted.view)[0]);
		answers.set(answer, answers.get(answer) + 1);
	}
	const bar = make("span", { class: "bar", "aria-hidden": "true" });
	for (const [answer, number] of answers) {
		if (!number)
			continue;
		const part = make("i", { class: answer });
		part.style.flexGrow = number;
		bar.append(part);
	}
	const marks = marked(list);
	const words = [`${texts[state]}, ${texts[kind]}: ${count(list.length, "cell")}`,
		...ANSWERS.filter(([answer]) => answers.get(answer)).map(([answer, word]) => `${answers.get(answer)} ${word}`),
		...marks.map(([verdict, number]) => `${number} ${verdict.word}`)].join(", ");
	const chosen = wanted.state === String(state) && wanted.kind === String(kind);
	return make("button", { type: "button", class: HUES[worst(list)], "aria-label": words, title: words,
		"aria-pressed": String(chosen), onclick: () => {
			choose("state", chosen ? "" : String(state));
			choose("kind", chosen ? "" : String(kind));
			filter();
			document.getElementById("grids").scrollIntoView({ block: "start" });
		} }, make("span", { class: "n" }, list.length, ...marks.map(([verdict, number]) =>
			make("b", { class: verdict.hue }, ` ${verdict.mark}${number}`))), bar);
}

// Cells that differ in sequence number and timestamp alone are one grid.
function blocks() {
	const all = new Map();
	for (const row of found) {
		const key = `${row[STATE]},${row[KIND]},${row[REST]}`;
		all.has(key) ? all.get(key).push(row) : all.set(key, [row]);
	}
	return [...all.values()];
}

const offset = text => text.replace(/^(seq|ts)-?(?=[a-z])/, "").replace(/^(seq|ts)/, "");
function drawGrid(list) {
	const first = list[0], places = new Map(), seqs = new Map(), stamps = new Map();
	for (const row of list) {
		seqs.set(row[SEQ], true);
		stamps.set(row[TS], true);
		const place = `${row[SEQ]},${row[TS]}`;
		places.has(place) ? places.get(place).push(row) : places.set(place, [row]);
	}
	const title = [`${texts[first[STATE]]} / ${texts[first[KIND]]}`, filled(texts[first[REST]])].filter(part => part).join(" / ");
	const head = make("tr", {}, make("td", { class: "corner" }, "seq \\ ts"),
		...[...stamps.keys()].map(ts => make("th", { scope: "col" }, offset(filled(texts[ts])))));
	const body = [...seqs.keys()].map(seq => make("tr", {}, make("th", { scope: "row" }, offset(filled(texts[seq]))),
		...[...stamps.keys()].map(ts => make("td", {}, ...(places.get(`${seq},${ts}`) || []).map(gridCell)))));
	return make("section", { class: "grid" }, make("h3", {}, title),
		make("div", { class: "wide" }, make("table", { class: "cells" }, make("caption", { class: "unseen" }, title),
			make("thead", {}, head), make("tbody", {}, ...body))));
}

function gridCell(row) {
	const [text, marks] = shownOf(row, wanted.view), verdict = verdictOf(row);
	return make("button", { type: "button", class: `${answerOf(text)} v-${verdict.hue}`, onclick: () => open(row, true),
		"aria-label": `${nameOf(row)}: ${text === "-" ? "silence" : text}${marks ? `, marked ${marks}` : ""}, ${verdict.word}` },
		text, marks ? make("small", {}, ` ${marks}`) : null,
		verdict.mark ? make("b", { class: verdict.hue }, ` ${verdict.mark}`) : null);
}

function drawGrids() {
	const all = blocks(), place = document.getElementById("grids");
	place.replaceChildren(...all.slice(0, grids).map(drawGrid));
	if (all.length <= grids)
		return;
	place.append(make("p", { class: "more" }, make("button", { type: "button", onclick: () => {
		const next = place.children[grids];
		grids += MORE_GRIDS;
		drawGrids();
		const heading = place.children[[...place.children].indexOf(next)] || place.children[grids - MORE_GRIDS];
		const button = heading && heading.querySelector("button");
		if (button)
			button.focus();
	} }, `Show more: ${count(all.length - grids, "grid")}`)));
}

function draw() {
	document.getElementById("map").replaceChildren(drawMap());
	document.getElementById("count").textContent = found.length === rows.length ? count(rows.length, "cell") :
		`${found.length} of ${count(rows.length, "cell")}`;
	drawGrids();
}

// One cell.
let current = null;
function drawLadder(row, numbers) {
	const body = texts[row[RUNGS]].map(id => {
		const [kind, time, left, right, segment, note] = texts[id].split("\t").map(part => filled(part, numbers));
		if (kind[0] === "-")
			return make("tr", { class: "gap" }, make("td", { class: "t" }, time), make("td"), make("td", { class: "a" }, segment),
				make("td"));
		return make("tr", kind[1] ? { class: "m" } : {}, make("td", { class: "t" }, time), make("td", { class: "s l" }, left),
			make("td", { class: "a" }, make("span", {}, segment, note ? make("b", { class: "note" }, ` ${note}`) : null),
				make("i", { class: kind[0] === ">" ? "r" : "l", role: "img",
					"aria-label": kind[0] === ">" ? "to the right" : "to the left" })),
			make("td", { class: "s r" }, right));
	});
	if (!body.length)
		return null;
	return make("div", { class: "wide" }, make("table", { class: "ladder" }, make("thead", {}, make("tr", {},
		...[config.time, config.left, "segment", config.right].map(title => make("th", { scope: "col" }, title)))),
	make("tbody", {}, ...body)));
}

// "ACK (as seen). The reason. [citation]"
function drawDetail(text) {
	const at = text.endsWith("]") ? text.lastIndexOf(" [") : -1;
	return at < 0 ? [text] : [text.slice(0, at), make("span", { class: "cite" }, ` ${text.slice(at + 1)}`)];
}

function open(row, remember) {
	const dialog = document.getElementById("one"), numbers = row.slice(NUMBERS), name = nameOf(row);
	const verdict = verdictOf(row), details = make("dl"), command = make("code", {}, config.command.replace("CELL", name));
	const ladder = drawLadder(row, numbers);
	let label = "", entry = null, sentence = "";
	for (const id of texts[row[DETAILS]]) {
		const [term, text] = texts[id].split("\t").map(part => filled(part, numbers));
		if (term === config.noun.toLowerCase()) {
			sentence = text;
			continue;
		}
		if (term || !entry) {
			entry = make("dd");
			details.append(make("div", {}, make("dt", {}, term || label), entry));
		}
		label = term || label;
		entry.append(make("p", {}, ...drawDetail(text)));
	}
	const at = found.indexOf(row);
	const step = by => at >= 0 && found[at + by] ? () => open(found[at + by], true) : null;
	const move = (by, word) => make("button", { type: "button", disabled: !step(by), onclick: step(by) || (() => {}) }, word);
	dialog.replaceChildren(make("div", { class: "top" }, make("h2", { id: "one-name" }, name),
		make("button", { type: "button", class: "close", onclick: () => dialog.close(), "aria-label": "Close" }, "×")),
	make("p", {}, make("b", { class: verdict.hue }, `${verdict.mark ? verdict.mark + " " : ""}${verdict.word}`),
		sentence.startsWith(`${verdict.word}: `) ? sentence.slice(verdict.word.length) : sentence),
	...(ladder ? [ladder] : []), details,
	...(config.command ? [make("p", { class: "again" }, "Ask again: ", command, " ", make("button", { type: "button",
		onclick: event => copy(command, event.target) }, "Copy"))] : []),
	make("p", { class: "steps" }, move(-1, "← Previous"), " ", move(1, "Next →")));
	current = row;
	if (!dialog.open)
		dialog.showModal();
	dialog.scrollTop = 0;
	if (remember)
		history.replaceState(null, "", `#${encodeURI(name)}`);
}

function copy(code, button) {
	const done = () => { button.textContent = "Copied"; };
	const select = () => { getSelection().selectAllChildren(code); };
	navigator.clipboard ? navigator.clipboard.writeText(code.textContent).then(done, select) : select();
}

function keys(event) {
	const by = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0, next = found[found.indexOf(current) + by];
	if (by && next && found.includes(current))
		open(next, true);
}

const controls = {};
function choose(name, value) {
	wanted[name] = value;
	controls[name].value = value;
}

function select(name, label, options) {
	controls[name] = make("select", { id: `f-${name}`, onchange: event => {
		wanted[name] = event.target.value;
		filter();
	} }, ...options.map(([value, text]) => make("option", { value }, text)));
	return make("div", {}, make("label", { for: `f-${name}` }, label), controls[name]);
}

function drawFilters() {
	const values = part => [["", "all"], ...[...new Set(rows.map(row => row[part]))].map(id => [id, texts[id]])];
	const verdicts = [...new Set(rows.map(row => row[VERDICT]))].sort((a, b) => a - b);
	let wait = 0;
	controls.text = make("input", { type: "search", id: "f-text", placeholder: "name, answer, reason", autocomplete: "off",
		oninput: event => {
			clearTimeout(wait);
			wait = setTimeout(() => { wanted.text = event.target.value; filter(); }, 120);
		} });
	const form = make("form", { class: "filters", role: "search", onsubmit: event => event.preventDefault() },
		make("div", { class: "grow" }, make("label", { for: "f-text" }, "Search"), controls.text),
		select("verdict", config.noun, [["", "all"], ...verdicts.map(verdict => [verdict, config.verdicts[verdict].word])]),
		select("state", "State", values(STATE)), select("kind", "Segment", values(KIND)),
		...(config.views.length > 1 ? [select("view", config.views_noun, config.views.map((view, i) => [i, view]))] : []),
		make("div", {}, make("button", { type: "button", onclick: () => {
			for (const name of ["text", "verdict", "state", "kind"])
				choose(name, "");
			filter();
		} }, "Clear")));
	if (controls.view)
		controls.view.value = wanted.view;
	return form;
}

function drawLegend() {
	return make("ul", { class: "legend" }, ...ANSWERS.map(([answer, word]) => make("li", {},
		make("i", { class: answer, "aria-hidden": "true" }), word)),
	...config.verdicts.filter((verdict, i) => verdict.mark && rows.some(row => row[VERDICT] === i)).map(verdict =>
		make("li", {}, make("b", { class: verdict.hue }, verdict.mark), ` ${verdict.word}`)),
	...config.legend.map(word => make("li", {}, word)));
}

const place = document.getElementById("app"), totals = document.getElementById("totals");
place.replaceChildren(drawFilters(), make("p", { id: "count", role: "status" }), make("div", { id: "map" }), drawLegend(),
	make("div", { id: "grids" }));
document.body.append(make("dialog", { id: "one", "aria-labelledby": "one-name", onkeydown: keys, onclose: () => {
	history.replaceState(null, "", location.pathname + location.search);
} }));
if (totals)
	place.before(totals);
else
	place.before(make("p", { class: "bad" }, "This page is not whole: what wrote it did not come to its end."));
filter();
const opened = () => {
	let name = location.hash.slice(1);
	try { name = decodeURI(name); } catch { /* as it is */ }
	const row = name ? rows.find(one => nameOf(one) === name) : rows.length === 1 && rows[0];
	if (row)
		open(row, false);
};
addEventListener("hashchange", opened);
opened();
});
