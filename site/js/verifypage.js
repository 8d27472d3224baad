/* The page of verify.js: its inputs, and what was found.  Everything is put
   in as text; nothing is asked of any server. */
(() => {
	"use strict";

	function el(name, at, text, more) {
		const e = document.createElement(name);
		if (text !== undefined)
			e.textContent = text;
		Object.assign(e, more || {});
		if (at)
			at.append(e);
		return e;
	}

	function input(at, id, label, name, more) {
		const p = el("p", at);
		el("label", p, label, { htmlFor: id });
		el("br", p);
		return el(name, p, undefined, { id, ...more });
	}

	function table(at, caption, head, rows) {
		const t = el("table", el("div", at, undefined, { className: "scroll", tabIndex: 0 }));
		el("caption", t, caption);
		const tr = el("tr", el("thead", t)), body = el("tbody", t);
		head.forEach((h) => el("th", tr, h, { scope: "col" }));
		rows.forEach((row) => {
			const r = el("tr", body);
			row.forEach((cell) => el("bdi", el("td", r), cell, { className: "u" }));
		});
		return t;
	}

	/* What the page itself says of the pack, before any file is read. */
	function island(at) {
		const p = JSON.parse(document.getElementById("pack").textContent);
		table(at, `What this page says: ${p.organisation}, ${p.period.name}`, ["Log", "Events", "Root"],
			p.streams.map((s) => [s.origin, String(s.size), s.root]));
		return JSON.stringify(p);
	}

	/* The chosen folder is the root of the pack. */
	function filesOf(list) {
		return Array.from(list, (f) => ({ path: f.webkitRelativePath.split("/").slice(1).join("/"), size: f.size,
			bytes: async () => new Uint8Array(await f.arrayBuffer()) }));
	}

	const asked = () => (/^#r=([a-z0-9-]+\/[0-9]+)$/.exec(location.hash) || ["", ""])[1];

	async function sameIsland(files, own, r) {
		const f = files.find((x) => x.path === "data/pack.json");
		const there = f && r.info ? JSON.stringify(JSON.parse(new TextDecoder().decode(await f.bytes()))) : own;
		if (there !== own)
			r.checks.unshift({ result: "not checked", what: "this page", file: "data/site/verify.html",
				have: "is the page of another pack", want: "" });
	}

	function show(at, r) {
		at.replaceChildren();
		el("p", at, r.sum, { className: "verdict" });
		el("p", at, "This page cannot vouch for itself. Compare these with what you were given outside of this pack:");
		table(at, "Fingerprints to compare", ["Of", "SHA-256"], [["manifest-sha256.txt", r.manifest],
			...r.signers.filter((s) => s.id).map((s) => [`the key of ${s.bundle}`, s.id]),
			...r.keys.map((k) => [`a key that you pasted, ${k.confirmed.length > 0 ? "which confirms " + k.confirmed.join(" ") :
				"which confirms nothing here"}`, k.id])]);
		table(at, "What was checked", ["Result", "Check", "File", "Have", "Want"],
			r.checks.map((c) => [c.result, c.what, c.file, c.have, c.want]));
	}

	async function run(form, own, at) {
		const files = filesOf(form.folder.files);
		at.replaceChildren();
		if (files.length === 0)
			return el("p", at, "Choose the folder of the pack first.");
		el("p", at, `Reading ${files.length} files.`);
		try {
			const kept = await Promise.all(Array.from(form.kept.files, async (f) => new Uint8Array(await f.arrayBuffer())));
			const r = await Verify.pack({ files, kept, keys: Verify.keys(form.key.value), first: asked() });
			await sameIsland(files, own, r);
			return show(at, r);
		} catch (e) {
			return at.replaceChildren(el("p", null, `Cannot be checked: ${e.message}`));
		}
	}

	function begin() {
		const at = document.getElementById("begin").parentNode, first = document.getElementById("begin");
		if (!globalThis.crypto || !crypto.subtle) {
			first.textContent = "Cannot be checked here: this browser gives a page of this address no cryptography. " +
				"Open the file from your disk, or use the commands below.";
			return;
		}
		first.textContent = "Unpack the ZIP and choose its folder. Nothing leaves your computer: this page may ask no server.";
		const own = island(at), form = {
			folder: input(at, "folder", "The unpacked folder of the pack", "input", { type: "file", webkitdirectory: true }),
			key: input(at, "key", "Public keys (PEM) or a trust file that you have from the people themselves", "textarea",
				{ rows: 6, cols: 70, spellcheck: false }),
			kept: input(at, "kept", "A checkpoint of this log that you kept from before, if you have one", "input",
				{ type: "file", multiple: true }),
		};
		const button = el("button", el("p", at), "Check", { type: "button", id: "go" });
		const out = el("div", at, undefined, { id: "result" });
		out.setAttribute("role", "status");
		button.addEventListener("click", async () => {
			button.disabled = true;
			await run(form, own, out);
			button.disabled = false;
		});
	}

	document.addEventListener("DOMContentLoaded", begin);
})();
