/* The search: lists of pages, loaded when it is first used, folded once and
   scanned whole for each question.  Without this script the letters below
   lead to every page. */
(function () {
	"use strict";

	var FIELDS = ["kind", "framework", "status", "severity", "agent",
		"model", "tool", "policy", "owner"];
	var SHOWN = 20;
	var lists = [], entries = null, waiting = null, shown = SHOWN;

	/* What a list calls as it loads. */
	window.X = { p: function (n, list) { lists[n] = list; } };

	function fold(text) {
		return text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
	}

	function address(path) {
		if (!/^search\/pages-[0-9]+\.js$/.test(path))
			throw new TypeError("not a list of pages: " + path);
		return path;
	}

	var policy = window.trustedTypes ? window.trustedTypes.createPolicy("exhibit",
		{ createScriptURL: address }) : { createScriptURL: address };

	function ready() {
		entries = [];
		lists.forEach(function (list) {
			list.forEach(function (e) {
				entries.push({
					path: e[0], title: e[1], kind: e[4].split(" ")[0].slice(5),
					head: fold(e[1]), rest: fold(e[2] + "\n" + e[3]),
					where: fold(e[0]), fields: " " + fold(e[4]) + " "
				});
			});
		});
		lists = [];
	}

	function load(then) {
		var left = EXHIBIT.pages;
		if (entries !== null)
			return then();
		if (waiting !== null) {
			waiting = then;
			return;
		}
		waiting = then;
		if (left === 0) {
			ready();
			waiting();
		}
		for (var i = 1; i <= EXHIBIT.pages; i++) {
			var s = document.createElement("script");
			s.src = policy.createScriptURL("search/pages-" + i + ".js");
			s.addEventListener("load", function () {
				if (--left === 0) {
					ready();
					waiting();
				}
			});
			s.addEventListener("error", function () {
				say("A list of pages is missing beside this page: the search is not whole.");
			});
			document.head.appendChild(s);
		}
	}

	/* "refund -waived status:gap,partial" as terms; unknown fields by name. */
	function parse(query) {
		var q = { terms: [], unknown: [] };
		query.split(/\s+/).forEach(function (word) {
			var no = word.length > 1 && word[0] === "-";
			var colon = word.indexOf(":"), name;
			if (no)
				word = word.slice(1);
			if (word === "")
				return;
			colon = word.indexOf(":");
			name = fold(word.slice(0, colon));
			if (colon > 0 && FIELDS.indexOf(name) >= 0)
				q.terms.push({ no: no, field: name,
					values: word.slice(colon + 1).split(",").map(fold) });
			else {
				if (colon > 0 && /^[a-z]+$/.test(name) && word.length > colon + 1)
					q.unknown.push(name);
				q.terms.push({ no: no, text: fold(word) });
			}
		});
		return q;
	}

	/* A field's value may be the beginning: framework:eu, agent:refund. */
	function holds(e, t) {
		if (t.field !== undefined)
			return t.values.some(function (v) {
				return e.fields.indexOf(" " + t.field + ":" + v) >= 0;
			});
		return e.head.indexOf(t.text) >= 0 || e.rest.indexOf(t.text) >= 0 ||
			e.where.indexOf(t.text) >= 0;
	}

	/* 0: all words in the title; 1: headings and ids; 2: the path. */
	function rank(e, q) {
		var worst = 0;
		q.terms.forEach(function (t) {
			if (t.no || t.field !== undefined || e.head.indexOf(t.text) >= 0)
				return;
			worst = Math.max(worst, e.rest.indexOf(t.text) >= 0 ? 1 : 2);
		});
		return worst;
	}

	function find(q) {
		var groups = [[], [], []];
		entries.forEach(function (e) {
			if (q.terms.every(function (t) { return holds(e, t) !== t.no; }))
				groups[rank(e, q)].push(e);
		});
		return groups[0].concat(groups[1], groups[2]);
	}

	var input, count, list, more;

	function say(text) {
		count.textContent = text;
	}

	function item(e) {
		var li = document.createElement("li"), a = document.createElement("a");
		var name = document.createElement("bdi"), kind = document.createElement("span");
		name.className = "u";
		name.textContent = e.title;
		a.href = e.path.split("/").map(encodeURIComponent).join("/");
		a.appendChild(name);
		kind.className = "note";
		kind.textContent = " " + e.kind;
		li.appendChild(a);
		li.appendChild(kind);
		return li;
	}

	function show() {
		var q = parse(input.value), hits, words;
		history.replaceState(null, "", input.value === "" ? "#" :
			"#q=" + encodeURIComponent(input.value));
		while (list.firstChild)
			list.removeChild(list.firstChild);
		if (q.terms.length === 0) {
			more.hidden = true;
			return say("");
		}
		hits = find(q);
		words = hits.length === 0 ? "Nothing found. Every page is under its letter below." :
			hits.length === 1 ? "1 page" : hits.length.toLocaleString("en") + " pages";
		if (hits.length > shown)
			words += ", the first " + shown + " shown";
		if (q.unknown.length > 0)
			words += ". No field is called " + q.unknown.join(", ") + ": the fields are " +
				FIELDS.join(", ") + ".";
		say(words);
		hits.slice(0, shown).forEach(function (e) { list.appendChild(item(e)); });
		more.hidden = hits.length <= shown;
	}

	function ask() {
		if (input.value.trim() === "" && entries === null)
			return;
		say(entries === null ? "Loading the lists of pages" : count.textContent);
		load(show);
	}

	function start() {
		var place = document.getElementById("ask"), label = document.createElement("label");
		if (place === null)
			return;
		input = document.createElement("input");
		input.type = "search";
		input.id = "q";
		input.autocomplete = "off";
		input.setAttribute("aria-describedby", "how");
		label.htmlFor = "q";
		label.textContent = "Words, or field:value";
		label.className = "find";
		count = document.createElement("p");
		count.setAttribute("role", "status");
		list = document.createElement("ol");
		list.className = "hits";
		more = document.createElement("button");
		more.type = "button";
		more.textContent = "Show 20 more";
		more.hidden = true;
		[label, input, count, list, more].forEach(function (n) { place.appendChild(n); });
		input.addEventListener("input", function () { shown = SHOWN; ask(); });
		more.addEventListener("click", function () { shown += SHOWN; ask(); });
		window.addEventListener("hashchange", from_address);
		from_address();
	}

	function from_address() {
		var m = /^#q=(.*)$/.exec(location.hash), text = "";
		try {
			text = m ? decodeURIComponent(m[1]) : "";
		} catch (e) {
			text = m[1];
		}
		if (text !== input.value) {
			input.value = text;
			ask();
		}
	}

	start();
}());
