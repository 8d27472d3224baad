/* Sort buttons and a filter box for tables: an enhancement.  Without this
   script every row is there, in the order that is named above the table. */
(function () {
	"use strict";

	function text(row, i) {
		return row.cells[i] ? row.cells[i].textContent.trim() : "";
	}

	/* Whole numbers compare as numbers, all else by code point. */
	function order(a, b) {
		var x = a.replace(/,/g, ""), y = b.replace(/,/g, "");
		if (/^-?\d+$/.test(x) && /^-?\d+$/.test(y))
			return Number(x) - Number(y);
		return a < b ? -1 : a > b ? 1 : 0;
	}

	function sort(table, th, i) {
		var up = th.getAttribute("aria-sort") !== "ascending";
		var body = table.tBodies[0];
		var rows = Array.from(body.rows).map(function (row, at) {
			return { row: row, key: text(row, i), at: at };
		});
		rows.sort(function (a, b) {
			return (up ? order(a.key, b.key) : order(b.key, a.key)) || a.at - b.at;
		});
		rows.forEach(function (r) { body.appendChild(r.row); });
		Array.from(th.parentNode.cells).forEach(function (other) {
			other.removeAttribute("aria-sort");
		});
		th.setAttribute("aria-sort", up ? "ascending" : "descending");
	}

	function addSort(table) {
		Array.from(table.tHead.rows[0].cells).forEach(function (th, i) {
			var button = document.createElement("button");
			if (th.querySelector("a") || th.textContent.trim() === "")
				return;
			button.type = "button";
			while (th.firstChild)
				button.appendChild(th.firstChild);
			th.appendChild(button);
			button.addEventListener("click", function () { sort(table, th, i); });
		});
	}

	function addFilter(table, box) {
		var label = document.createElement("label");
		var input = document.createElement("input");
		var count = document.createElement("span");
		var line = document.createElement("div");
		var id = table.caption ? table.caption.id.replace(/^c-/, "f-") : "f";
		line.className = "filter";
		label.textContent = "Filter rows of this page";
		input.type = "search";
		input.id = id;
		input.autocomplete = "off";
		label.htmlFor = id;
		count.className = "note";
		count.setAttribute("role", "status");
		line.append(label, input, count);
		box.parentNode.insertBefore(line, box);
		input.addEventListener("input", function () {
			var want = input.value.toLowerCase(), shown = 0;
			Array.from(table.tBodies[0].rows).forEach(function (row) {
				row.hidden = row.textContent.toLowerCase().indexOf(want) < 0;
				shown += row.hidden ? 0 : 1;
			});
			count.textContent = want === "" ? "" : shown + " rows";
		});
	}

	/* Long lists of names: one box narrows them all. */
	function addFind(lists) {
		var label = document.createElement("label");
		var input = document.createElement("input");
		var count = document.createElement("span");
		var line = document.createElement("div");
		line.className = "filter";
		label.textContent = "Find by id or title";
		label.htmlFor = input.id = "find";
		input.type = "search";
		input.autocomplete = "off";
		count.className = "note";
		count.setAttribute("role", "status");
		line.append(label, input, count);
		lists[0].closest("section").before(line);
		input.addEventListener("input", function () {
			var words = input.value.toLowerCase().split(/\s+/), shown = 0;
			lists.forEach(function (list) {
				var some = false;
				Array.from(list.children).forEach(function (item) {
					var text = item.textContent.toLowerCase();
					item.hidden = !words.every(function (w) { return text.indexOf(w) >= 0; });
					shown += item.hidden ? 0 : 1;
					some = some || !item.hidden;
				});
				list.closest("section").hidden = !some;
			});
			count.textContent = input.value === "" ? "" : shown + " found";
		});
	}

	var many = Array.from(document.querySelectorAll(".many"));
	if (many.length > 1 && !document.getElementById("ask"))
		addFind(many);
	document.querySelectorAll(".scroll > table:not(.kv)").forEach(function (table) {
		if (!table.tHead || !table.tBodies[0])
			return;
		if (table.tBodies[0].rows.length > 1)
			addSort(table);
		if (table.tBodies[0].rows.length > 20)
			addFilter(table, table.parentNode);
	});
}());
