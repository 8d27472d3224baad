/* The second verifier: the checks of docs/format/pack.md over the files of
   an unpacked pack, written apart from `exhibit verify`.  No dependency, no
   document: it runs in verify.html from file:// and under node
   (tests/vectors/node.mjs).  Signatures are left to crypto.subtle.

     const r = await Verify.pack({ files, keys, kept, first });

   files: [{ path, size, bytes() }], bytes a promise of a Uint8Array; keys:
   Verify.keys(text) of what the reader pasted; kept: bytes of the reader's
   own checkpoints; first: "<dir>/<seq>" of the record to show first.
   r.checks: [{ result, what, file, have, want, code }], r.sum a sentence. */
const Verify = (() => {
	"use strict";

	const LARGE = 256 * 1024 * 1024, NOTE = 64 * 1024, MAX_RANKED = 5000000;
	const OWN = "data/controls/AU-01.t1.json";
	const MATCHES = "matches", DIFFERS = "does not match", SKIPPED = "not checked";

	/* Bytes, text, hashes. */

	const utf8 = (s) => new TextEncoder().encode(s);
	const text = (b) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(b);
	const hex = (b) => Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");
	const unhex = (s) => Uint8Array.from(s.match(/../g) || [], (x) => parseInt(x, 16));
	const isHash = (s) => typeof s === "string" && /^[0-9a-f]{64}$/.test(s);
	const isObject = (v) => typeof v === "object" && v !== null && !Array.isArray(v);
	const isCount = (v) => Number.isSafeInteger(v) && v >= 0;
	const byBytes = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

	function join(...parts) {
		const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
		let at = 0;
		for (const p of parts) {
			out.set(p, at);
			at += p.length;
		}
		return out;
	}

	function same(a, b) {
		return a.length === b.length && a.every((x, i) => x === b[i]);
	}

	/* null: not padded, or not canonical. */
	function unbase64(s) {
		if (!/^[A-Za-z0-9+/]*={0,2}$/.test(s) || s.length % 4 !== 0)
			return null;
		try {
			const raw = atob(s);
			return btoa(raw) === s ? Uint8Array.from(raw, (c) => c.charCodeAt(0)) : null;
		} catch (e) {
			return null;
		}
	}

	const K = [], H0 = [];
	for (let n = 2; H0.length < 8 || K.length < 64; n++) {
		let prime = true;
		for (let d = 2; d * d <= n; d++)
			prime = prime && n % d !== 0;
		const part = (x) => Math.floor((x - Math.floor(x)) * 4294967296) | 0;
		if (prime && H0.length < 8)
			H0.push(part(Math.sqrt(n)));
		if (prime)
			K.push(part(Math.cbrt(n)));
	}

	function pad(b) {
		const m = new Uint8Array((b.length + 72) & ~63), bits = new DataView(m.buffer);
		m.set(b);
		m[b.length] = 0x80;
		bits.setUint32(m.length - 8, Math.floor(b.length / 0x20000000));
		bits.setUint32(m.length - 4, b.length << 3);
		return bits;
	}

	function block(h, m, at, w) {
		const rot = (x, n) => (x >>> n) | (x << (32 - n));
		for (let i = 0; i < 64; i++)
			w[i] = i < 16 ? m.getInt32(at + 4 * i) : (w[i - 16] + w[i - 7] +
			    (rot(w[i - 15], 7) ^ rot(w[i - 15], 18) ^ (w[i - 15] >>> 3)) +
			    (rot(w[i - 2], 17) ^ rot(w[i - 2], 19) ^ (w[i - 2] >>> 10))) | 0;
		let [a, b, c, d, e, f, g, k] = h;
		for (let i = 0; i < 64; i++) {
			const t = (k + (rot(e, 6) ^ rot(e, 11) ^ rot(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
			const u = ((rot(a, 2) ^ rot(a, 13) ^ rot(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
			k = g; g = f; f = e; e = (d + t) | 0;
			d = c; c = b; b = a; a = (t + u) | 0;
		}
		[a, b, c, d, e, f, g, k].forEach((x, i) => { h[i] = (h[i] + x) | 0; });
	}

	/* SHA-256 of the many small things, at once; files go to crypto.subtle. */
	function sha256(b) {
		const h = H0.slice(), m = pad(b), w = new Int32Array(64), out = new DataView(new ArrayBuffer(32));
		for (let at = 0; at < m.byteLength; at += 64)
			block(h, m, at, w);
		h.forEach((x, i) => out.setInt32(4 * i, x));
		return new Uint8Array(out.buffer);
	}

	const fileHash = async (b) => hex(new Uint8Array(await crypto.subtle.digest("SHA-256", b)));
	const leafOf = (b) => sha256(join([0], b));
	const node = (l, r) => sha256(join([1], l, r));

	/* A fault that ends the reading of one file. */
	class Fault extends Error {
		constructor(code, message, want) {
			super(message);
			this.code = code;
			this.want = want || "";
		}
	}

	function must(good, code, message, want) {
		if (!good)
			throw new Fault(code, message, want);
	}

	/* Strict JSON (pack.md section 2).  loose: null, booleans and reals too. */

	const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/u;
	const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
	const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
	const bad = (at, what) => new Fault("JSON_STRICT", `character ${at}: ${what}`);

	function skip(c) {
		while (c.at < c.s.length && " \t\r\n".includes(c.s[c.at]))
			c.at++;
	}

	function take(c, pattern) {
		pattern.lastIndex = c.at;
		const m = pattern.exec(c.s);
		if (m === null)
			throw bad(c.at, "not strict JSON");
		c.at += m[0].length;
		return m;
	}

	function takeString(c) {
		const s = JSON.parse(take(c, STRING)[0]);
		if (s.includes("\0") || /\p{Cs}/u.test(s))
			throw bad(c.at, "U+0000 or half a character");
		return s;
	}

	function takeNumber(c) {
		const m = take(c, NUMBER), n = Number(m[0]);
		if (m[1] || m[2] || !Number.isSafeInteger(n)) {
			if (!c.loose)
				throw bad(c.at, `${m[0].slice(0, 40)} is no whole number within 2^53 - 1`);
			return m[1] || m[2] ? n : BigInt(m[0]);
		}
		return n;
	}

	function takeWord(c) {
		const w = take(c, /true|false|null/y)[0];
		if (!c.loose)
			throw bad(c.at, w);
		return w === "null" ? null : w === "true";
	}

	/* What stands between the brackets, separated by commas. */
	function takeMany(c, end, one) {
		c.at++;
		if (++c.depth > 32)
			throw bad(c.at, "deeper than 32");
		for (skip(c); c.s[c.at] !== end; skip(c)) {
			one();
			skip(c);
			if (c.s[c.at] === end)
				break;
			take(c, /,/y);
			skip(c);
			if (c.s[c.at] === end)
				throw bad(c.at, "a comma too many");
		}
		c.at++;
		c.depth--;
	}

	function takeMember(c, o) {
		const key = takeString(c);
		skip(c);
		take(c, /:/y);
		if (Object.hasOwn(o, key))
			throw bad(c.at, `${key} stands twice`);
		Object.defineProperty(o, key, { value: takeValue(c), enumerable: true });
	}

	function takeValue(c) {
		skip(c);
		const ch = c.s[c.at];
		if (ch === "{") {
			const o = Object.create(null);
			takeMany(c, "}", () => takeMember(c, o));
			return o;
		}
		if (ch === "[") {
			const l = [];
			takeMany(c, "]", () => l.push(takeValue(c)));
			return l;
		}
		if (ch === '"')
			return takeString(c);
		return "tfn".includes(ch || "?") ? takeWord(c) : takeNumber(c);
	}

	function parseJson(bytes, loose) {
		const c = { s: "", at: 0, depth: 0, loose };
		try {
			c.s = text(bytes);
		} catch (e) {
			throw bad(0, "not UTF-8");
		}
		const v = takeValue(c);
		skip(c);
		must(c.at === c.s.length, "JSON_STRICT", "bytes after the end");
		return v;
	}

	/* A text of an object that a person reads: no hidden character. */
	function field(o, key) {
		const s = isObject(o) ? o[key] : undefined;
		must(typeof s === "string", "JSON_FORM", `${key}: want text`);
		must(!HIDDEN.test(s), "TEXT_CONTROL", `${key}: a hidden character`);
		return s;
	}

	/* Names and the manifest. */

	const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

	function isName(path) {
		const parts = path.split("/");
		return path.length > 0 && path.length <= 200 && parts.length <= 12 && parts.every((p) =>
			/^[A-Za-z0-9._-]+$/.test(p) && p !== "." && p !== ".." && !p.endsWith(".") && !DEVICE.test(p));
	}

	function parseLine(line, n) {
		must(line.length < 300, "LIMIT_LINE", `line ${n}: over 300 bytes`);
		const digest = line.split(" ", 1)[0];
		must(isHash(digest), "MANIFEST_HASH_FORM", `line ${n}: want 64 lower-case hex digits`);
		must(/^[0-9a-f]{64} {2}[^ *]/.test(line), "MANIFEST_BYTES", `line ${n}: want two spaces before the path`);
		const path = line.slice(66);
		must(isName(path), "MANIFEST_PATH", `line ${n}: ${path}`);
		must(path.startsWith("data/"), "MANIFEST_SCOPE", `line ${n}: ${path} is not under data/`);
		return { path, sha256: digest };
	}

	/* Files and folders, case folded: each once. */
	function addName(seen, path) {
		const parts = path.toLowerCase().split("/");
		for (let i = 1; i <= parts.length; i++) {
			const key = parts.slice(0, i).join("/"), is = i === parts.length ? "file" : path.split("/").slice(0, i).join("/");
			const was = seen.get(key);
			must(was === undefined || (was === is && is !== "file"), was === "file" && is === "file" ?
			    "MANIFEST_DUPLICATE" : "MANIFEST_PATH", `${path} is there twice, or differs in case alone`);
			seen.set(key, is);
		}
	}

	function parseManifest(bytes) {
		const list = new Map(), seen = new Map();
		must(bytes.length <= 32 * 1024 * 1024, "LIMIT_SIZE", "over 32 MiB");
		must(bytes.length > 0 && bytes[bytes.length - 1] === 10, "MANIFEST_BYTES", "does not end in a line feed");
		must(bytes.every((b) => b === 10 || (b >= 32 && b < 127 && b !== 92)), "MANIFEST_BYTES",
		    "a byte that is not printable ASCII, or a backslash");
		let last = "";
		text(bytes).slice(0, -1).split("\n").forEach((line, i) => {
			const f = parseLine(line, i + 1);
			addName(seen, f.path);
			must(last < f.path, "MANIFEST_BYTES", `line ${i + 1}: not sorted by path`);
			last = f.path;
			list.set(f.path, f.sha256);
		});
		must(list.size <= 100000, "LIMIT_ENTRIES", "more than 100,000 files");
		return list;
	}

	/* Notes, checkpoints, proofs. */

	const SIGNATURE = /^\u2014 ([^\s+]+) (\S+)$/u;
	const form = (good, message) => must(good, "NOTE_FORM", message);

	function parseSignature(line) {
		const m = SIGNATURE.exec(line), raw = m && unbase64(m[2]);
		form(raw && raw.length >= 5, "a signature line is malformed");
		return { name: m[1], id: hex(raw.slice(0, 4)), sig: raw.slice(4) };
	}

	function parseCheckpoint(bytes) {
		let s;
		form(bytes.length <= NOTE, "over 64 KiB");
		try {
			s = text(bytes);
		} catch (e) {
			form(false, "not UTF-8");
		}
		const cut = s.lastIndexOf("\n\n"), tail = s.slice(cut + 2), line = s.slice(0, cut).split("\n");
		form(cut > 0 && !/[\u0000-\u0009\u000b-\u001f]/.test(s), "no blank line, or a control character");
		form(tail === "" || tail.endsWith("\n"), "the last line has no line feed");
		form(line.length === 3 && /^[^\s+]+$/u.test(line[0]), "want three lines: origin, size, root");
		form(/^(0|[1-9][0-9]{0,15})$/.test(line[1]) && isCount(Number(line[1])), "size is no plain whole number");
		const root = unbase64(line[2]), sigs = tail === "" ? [] : tail.slice(0, -1).split("\n").map(parseSignature);
		form(root && root.length === 32, "root is not base64 of 32 bytes");
		form(sigs.length <= 16, "more than 16 signatures");
		return { origin: line[0], size: Number(line[1]), root, sigs, signed: utf8(s.slice(0, cut + 1)) };
	}

	/* "index N" or "old N", hashes, a blank line, the checkpoint. */
	function parseProof(bytes, head, word) {
		form(bytes.length <= NOTE, "over 64 KiB");
		const s = new TextDecoder().decode(bytes), cut = s.indexOf("\n\n");
		form(cut > 0 && s.startsWith(head), `does not begin with ${head || word}`);
		const line = s.slice(head.length, cut).split("\n"), m = new RegExp(`^${word} (0|[1-9][0-9]{0,15})$`).exec(line[0]);
		form(m !== null, `want '${word} N'`);
		form(line.length <= 64, "more than 63 hashes");
		const path = line.slice(1).map((l) => {
			const raw = unbase64(l);
			form(raw !== null && l !== "", "a hash is not canonical base64");
			must(raw.length === 32, "PROOF_LENGTH", `a hash is ${raw.length} bytes`, "32");
			return raw;
		});
		return { number: Number(m[1]), path, checkpoint: utf8(s.slice(cut + 2)) };
	}

	const half = (n) => Math.floor(n / 2);

	/* RFC 9162 section 2.1.3.2: the root that leaf and path lead to, or null. */
	function rootOf(index, size, leaf, path) {
		let f = index, s = size - 1, r = leaf;
		if (index >= size)
			return null;
		for (const p of path) {
			if (s === 0)
				return null;
			if (f % 2 === 1 || f === s) {
				r = node(p, r);
				for (; f % 2 === 0 && f !== 0; f = half(f))
					s = half(s);
			} else
				r = node(r, p);
			f = half(f);
			s = half(s);
		}
		return s === 0 ? r : null;
	}

	/* RFC 9162 section 2.1.4.2. */
	function extendsLog(first, size, path, was, now) {
		if (first === 0)
			return path.length === 0;
		if (first === size)
			return path.length === 0 && same(was, now);
		if (first > size)
			return false;
		let f = first - 1, s = size - 1;
		for (; f % 2 === 1; f = half(f))
			s = half(s);
		const list = f === 0 ? [was, ...path] : path;
		if (list.length === 0)
			return false;
		let a = list[0], b = list[0];
		for (const p of list.slice(1)) {
			if (s === 0)
				return false;
			if (f % 2 === 1 || f === s) {
				a = node(p, a);
				b = node(p, b);
				for (; f % 2 === 0 && f !== 0; f = half(f))
					s = half(s);
			} else
				b = node(b, p);
			f = half(f);
			s = half(s);
		}
		return s === 0 && same(a, was) && same(b, now);
	}

	/* Keys. */

	const ED25519 = "302a300506032b6570032100", P256 = "3059301306072a8648ce3d020106082a8648ce3d030107034200";

	function oneKey(spki, more) {
		const h = hex(spki), alg = h.startsWith(ED25519) && spki.length === 44 ? "ed25519" :
		    h.startsWith(P256) && spki.length === 91 ? "p256" : null;
		must(alg !== null, "TRUST_KEY", "a key that is neither Ed25519 nor P-256");
		return { ...more, alg, spki, raw: spki.slice(12), id: hex(sha256(spki)), confirmed: [] };
	}

	function trustKeys(bytes) {
		const t = parseJson(bytes, false);
		must(isObject(t) && t.format === "exhibit-trust/1" && isObject(t.keys), "TRUST_FORM", "want exhibit-trust/1");
		return Object.entries(t.keys).map(([id, k]) => {
			const spki = unbase64(field(k, "spki"));
			must(spki !== null, "TRUST_FORM", "spki is not base64");
			const key = oneKey(spki, { role: field(k, "role"), person: k.person, origin: k.origin,
				revoked: k.revoked_us || 0, organisation: t.organisation });
			must(key.id === id, "TRUST_FORM", `${id} is not the id of its spki`);
			return key;
		});
	}

	/* What a reader pastes: a trust file, or public keys in PEM. */
	function keys(s) {
		if (s.trim() === "")
			return [];
		if (s.trim().startsWith("{"))
			return trustKeys(utf8(s.trim()));
		const pem = s.match(/-----BEGIN PUBLIC KEY-----[^-]*-----END PUBLIC KEY-----/g);
		must(pem !== null, "TRUST_FORM", "neither a public key in PEM nor a trust file");
		return pem.map((p) => {
			const spki = unbase64(p.replace(/-----[^-]*-----|\s/g, ""));
			must(spki !== null, "TRUST_FORM", "a public key that is not base64");
			return oneKey(spki, { revoked: 0 });
		});
	}

	/* DER of two whole numbers to 64 bytes; null: of another form. */
	function rawSignature(der) {
		const out = new Uint8Array(64);
		let at = 2;
		if (der.length < 8 || der[0] !== 0x30 || der[1] !== der.length - 2)
			return null;
		for (let i = 0; i < 2; i++) {
			const n = der[at + 1], v = der.slice(at + 2, at + 2 + n), from = v[0] === 0 ? 1 : 0;
			if (der[at] !== 2 || n === 0 || v.length !== n || v[0] > 127 || n - from > 32 ||
			    (from === 1 && (n === 1 || v[1] < 128)))
				return null;
			out.set(v.slice(from), 32 * i + 32 - (n - from));
			at += 2 + n;
		}
		return at === der.length ? out : null;
	}

	/* true, false, or null where the browser lacks the algorithm. */
	async function holds(key, sig, message) {
		const p256 = key.alg === "p256", raw = p256 ? rawSignature(sig) : sig;
		must(raw !== null && raw.length === 64, "SIG_ENCODING", `a signature of ${sig.length} bytes`,
		    p256 ? "ECDSA in DER" : "64 bytes");
		let k;
		try {
			k = await crypto.subtle.importKey("spki", key.spki, p256 ? { name: "ECDSA", namedCurve: "P-256" } :
			    { name: "Ed25519" }, false, ["verify"]);
		} catch (e) {
			return null;
		}
		return crypto.subtle.verify(p256 ? { name: "ECDSA", hash: "SHA-256" } : { name: "Ed25519" }, k, raw, message);
	}

	/* The run: what is known of the pack, and what was found. */

	function say(run, result, what, file, more) {
		run.checks.push({ result, what, file: file || "", have: "", want: "", code: "", ...more });
	}

	function differs(run, code, what, file, have, want) {
		say(run, DIFFERS, what, file, { code, have: String(have || ""), want: String(want || "") });
	}

	/* Runs one check of a file: what it throws is a finding. */
	async function check(run, what, file, work) {
		const before = run.checks.length;
		try {
			const value = await work();
			if (!run.checks.slice(before).some((c) => c.result !== MATCHES))
				say(run, MATCHES, what, file);
			return value;
		} catch (e) {
			if (!(e instanceof Fault))
				throw e;
			if (e.code === "VERSION_UNSUPPORTED") {
				run.open = true;
				say(run, SKIPPED, what, file, { have: e.message, code: e.code });
			} else
				differs(run, e.code, what, file, e.message, e.want);
			return null;
		}
	}

	async function read(run, path, limit) {
		const f = run.files.get(path);
		must(f !== undefined, "FILE_MISSING", "is not there");
		must(f.size <= (limit || 8 * 1024 * 1024), "LIMIT_SIZE", `${f.size} bytes`);
		return f.bytes();
	}

	/* L1: files, manifest, tag files, pack.json. */

	const TAGS = ["README.txt", "bag-info.txt", "bagit.txt", "manifest-sha256.txt"];
	const SIG = /^sig\/((preparer|approver)(?:-(?:[2-9]|1[0-6]))?)\.(sshsig|sigstore\.json)$/;

	async function checkFile(run, path, want) {
		const f = run.files.get(path);
		if (f === undefined)
			differs(run, "FILE_MISSING", "file", path, "is not there", want);
		else if (f.size > LARGE) {
			run.open = true;
			say(run, SKIPPED, "file", path, { have: "over 256 MiB" });
		} else {
			const have = await fileHash(await f.bytes());
			if (have === want)
				return f.size;
			differs(run, "HASH_MISMATCH", "SHA-256", path, have, want);
		}
		return null;
	}

	async function checkFiles(run) {
		let bytes = 0;
		for (const [path, want] of run.manifest) {
			const size = await checkFile(run, path, want);
			bytes = size === null || bytes === null ? null : bytes + size;
		}
		run.bytes = bytes;
		for (const path of run.files.keys())
			if (!run.manifest.has(path) && !TAGS.includes(path) && !SIG.test(path))
				differs(run, /^(tag)?manifest-[^/]*$/.test(path) ? "MANIFEST_ALGORITHM" : "FILE_UNLISTED",
				    "no file without a line", path, "no line of the manifest lists it");
	}

	async function checkTag(run, path, want) {
		await check(run, "tag file", path, async () => {
			const have = await read(run, path);
			must(same(have, want), "TAG_MISMATCH", "is not what the pack makes it");
		});
	}

	async function checkTags(run) {
		const p = run.info, day = new Date(Math.floor(p.as_of_us / 1000)).toISOString().slice(0, 10);
		await checkTag(run, "bagit.txt", utf8("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"));
		if (run.bytes === null)
			return;
		await checkTag(run, "bag-info.txt", utf8(`Source-Organization: ${p.organisation}\n` +
		    `External-Identifier: ${p.organisation} ${p.period.name}\nBagging-Date: ${day}\n` +
		    `Payload-Oxum: ${run.bytes}.${run.manifest.size}\n`));
		const readme = run.files.get("data/README.txt");
		await checkTag(run, "README.txt", readme ? await readme.bytes() : utf8(""));
	}

	/* The folder of a stream (pack.md section 1). */
	function dirOf(stream) {
		if (/^[a-z0-9][a-z0-9-]{0,63}$/.test(stream) && !DEVICE.test(stream))
			return stream;
		let s = "";
		for (const b of utf8(stream)) {
			const c = String.fromCharCode(b).toLowerCase();
			if (s.length >= 40)
				break;
			if (b < 128 && /[a-z0-9]/.test(c))
				s += c;
			else if (s !== "" && !s.endsWith("-"))
				s += "-";
		}
		s = s || "stream";
		return s + (s.endsWith("-") ? "" : "-") + hex(sha256(utf8(stream))).slice(0, 16);
	}

	function counts(o, names) {
		for (const n of names)
			must(isObject(o) && isCount(o[n]), "JSON_FORM", `${n}: want no negative whole number`);
	}

	function parseStream(s, i, all) {
		for (const n of ["stream", "dir", "origin", "weakest_grade"])
			field(s, n);
		counts(s, ["size", "previous_size", "read_from", "in_period", "before", "after", "earlier_in_period",
			"waiting", "log_signed"]);
		must(isHash(s.root) && s.log_signed < 2, "JSON_FORM", "root or log_signed");
		must(s.dir === dirOf(s.stream), "JSON_FORM", "dir is not the stream's folder", dirOf(s.stream));
		must(i === 0 || hex(utf8(all[i - 1].stream)) < hex(utf8(s.stream)), "JSON_FORM", "streams: not sorted");
	}

	function parseInfo(bytes) {
		const p = parseJson(bytes, false);
		must(field(p, "format") === "exhibit-pack/1", "VERSION_UNSUPPORTED", `format ${p.format}`);
		[[p, "organisation"], [p.period, "name"], [p.generator, "name"], [p.generator, "version"],
			[p.sample, "rule"], [p.sample, "drawn_by"], [p.sample, "nonce"], [p.records, "reason"]]
			.forEach(([o, n]) => field(o, n));
		must(Number.isSafeInteger(p.as_of_us) && Number.isSafeInteger(p.period.from_us) &&
		    Number.isSafeInteger(p.period.to_us) && isCount(p.interim), "JSON_FORM", "a time is missing");
		must(Array.isArray(p.streams) && p.streams.length > 0, "JSON_FORM", "streams: want at least one");
		p.streams.forEach(parseStream);
		must(Array.isArray(p.inputs), "JSON_FORM", "inputs: want a list");
		for (const i of p.inputs) {
			counts(i, ["bytes"]);
			must(field(i, "kind") && field(i, "path") && isHash(i.sha256), "JSON_FORM", "inputs");
		}
		counts(p.sample, ["k"]);
		counts(p.records, ["cited", "included"]);
		counts(p.summary, ["controls", "gaps", "waived"]);
		must(isObject(p.summary.verdicts), "JSON_FORM", "summary.verdicts: want an object");
		counts(p.summary.verdicts, Object.keys(p.summary.verdicts));
		if (p.previous !== undefined)
			must(field(p.previous, "period") && isHash(p.previous.manifest_sha256), "JSON_FORM", "previous");
		return p;
	}

	function checkSums(p) {
		const sum = Object.values(p.summary.verdicts).reduce((a, b) => a + b, 0);
		must(sum === p.summary.controls, "SUMMARY_COUNT", `verdicts add up to ${sum}`, p.summary.controls);
		must(p.summary.waived <= p.summary.gaps, "SUMMARY_COUNT", "more gaps are waived than there are");
		must(p.period.from_us < p.period.to_us && p.interim === (p.as_of_us < p.period.to_us ? 1 : 0),
		    "SUMMARY_COUNT", "period, as_of_us and interim do not fit");
	}

	async function integrity(run) {
		const path = "manifest-sha256.txt";
		run.manifest = await check(run, "form of the manifest", path, async () => {
			must(run.files.has(path) || run.files.has("data/pack.json"), "NOT_A_PACK", "no manifest and no pack.json");
			const bytes = await read(run, path, 32 * 1024 * 1024);
			run.manifestHash = hex(sha256(bytes));
			return parseManifest(bytes);
		});
		if (run.manifest === null)
			return;
		await check(run, `${run.manifest.size} files against the manifest`, path, () => checkFiles(run));
		run.info = await check(run, "form of pack.json", "data/pack.json", async () =>
			parseInfo(await read(run, "data/pack.json")));
		if (run.info === null)
			return;
		await check(run, "figures of pack.json", "data/pack.json", () => checkSums(run.info));
		await checkTags(run);
	}

	/* L4: the log. */

	function trustsOrigin(key, origin) {
		if (key.alg !== "ed25519" || (key.role !== undefined && key.role !== "log"))
			return false;
		return key.origin === undefined || key.origin === origin ||
		    (key.origin.endsWith("*") && origin.startsWith(key.origin.slice(0, -1)));
	}

	/* Whether a pasted key signed the note; a line of it that fails throws. */
	async function logSignature(run, c, file, stamped) {
		let revoked = null, held = false;
		for (const key of run.keys.filter((k) => trustsOrigin(k, c.origin))) {
			const id = hex(sha256(join(utf8(c.origin + "\n"), [1], key.raw))).slice(0, 8);
			for (const s of c.sigs.filter((x) => x.name === c.origin && x.id === id)) {
				must(s.sig.length === 64, "CHECKPOINT_SIG", `a signature of ${s.sig.length} bytes`, "64");
				const ok = await holds(key, s.sig, c.signed);
				must(ok !== false, "CHECKPOINT_SIG", "the signature does not hold", `key ${key.id}`);
				if (ok === null)
					say(run, SKIPPED, "signature", file, { have: "this browser lacks Ed25519" });
				else if (key.revoked && !stamped)
					revoked = key;
				else {
					held = true;
					key.confirmed.push(file);
				}
			}
		}
		must(held || revoked === null, "KEY_REVOKED", "signed by a revoked key");
		return held;
	}

	async function readNote(run, s, path) {
		const bytes = await read(run, path, NOTE), c = parseCheckpoint(bytes);
		must(c.origin === s.origin, "CHECKPOINT_ORIGIN", c.origin, s.origin);
		return { ...c, bytes };
	}

	async function checkCheckpoint(run, s, path) {
		const c = await readNote(run, s, path);
		run.checkpoint.set(s.dir, c);
		must(c.size === s.size && hex(c.root) === s.root, "CHECKPOINT_FIGURES", `size ${c.size}, root ${hex(c.root)}`,
		    `size ${s.size}, root ${s.root}`);
		must(s.log_signed === 1 || c.sigs.length === 0, "CHECKPOINT_FIGURES", "is signed", "log_signed 0");
		if (!await logSignature(run, c, path, run.files.has(path + ".tsr")))
			say(run, SKIPPED, "signature of the log", path, { have: c.sigs.length === 0 ? "the log is not signed" :
			    "by no key that you pasted" });
	}

	async function checkPrevious(run, s, path) {
		const there = run.manifest.has(path);
		must(there === (s.previous_size > 0 || there), "LOG_PREVIOUS", "is not there", `size ${s.previous_size}`);
		if (!there)
			return null;
		const c = await readNote(run, s, path);
		await logSignature(run, c, path, true);
		must(c.size === s.previous_size, "LOG_PREVIOUS", `ends at ${c.size}`, s.previous_size);
		return c;
	}

	async function checkConsistency(run, s, prev, path) {
		const c = run.checkpoint.get(s.dir), p = parseProof(await read(run, path, NOTE), "", "old");
		must(p.number === s.previous_size, "LOG_PREVIOUS", `old is ${p.number}`, s.previous_size);
		must(same(p.checkpoint, c.bytes), "PROOF_CHECKPOINT", "does not end with the pack's checkpoint");
		must(extendsLog(p.number, c.size, p.path, prev ? prev.root : null, c.root), "LOG_FORK",
		    "the log does not extend the checkpoint before");
	}

	function checkCounts(s) {
		must(s.previous_size <= s.size, "LOG_ROLLBACK", `ends at ${s.size}`, `at least ${s.previous_size}`);
		const sum = s.in_period + s.before + s.after;
		must(sum === s.size - s.previous_size, "POPULATION_COUNT", `${sum} rows counted`, s.size - s.previous_size);
		must(s.read_from <= s.previous_size && s.earlier_in_period <= s.previous_size, "POPULATION_COUNT",
		    "read_from or earlier_in_period is past the range's begin");
	}

	async function checkStream(run, s) {
		const at = `data/log/${s.dir}/`, faults = run.checks.length;
		await check(run, `population of ${s.stream}`, "data/pack.json", () => checkCounts(s));
		await check(run, "checkpoint", at + "checkpoint", () => checkCheckpoint(run, s, at + "checkpoint"));
		if (!run.checkpoint.has(s.dir))
			return;
		const prev = await check(run, "checkpoint before", at + "checkpoint.prev", () =>
			checkPrevious(run, s, at + "checkpoint.prev"));
		run.previous.set(s.dir, prev);
		if (prev !== null || !run.checks.slice(faults).some((c) => c.file === at + "checkpoint.prev" && c.result === DIFFERS))
			await check(run, "consistency", at + "consistency", () => checkConsistency(run, s, prev, at + "consistency"));
	}

	/* Records. */

	const REQUIRED = ["agent_id", "event_id", "event_type", "occurred_us", "prev_hash", "recorded_us", "seq",
		"source_format", "source_grade", "stream"];

	/* A canonical, flat object of texts and whole numbers. */
	function parseRecord(bytes) {
		const want = (good, what) => must(good, "RECORD_FORM", what);
		let o;
		try {
			o = parseJson(bytes, true);
		} catch (e) {
			want(false, e.message);
		}
		want(isObject(o) && Object.values(o).every((v) => typeof v === "string" || typeof v === "bigint" ||
		    Number.isSafeInteger(v)), "want texts and whole numbers");
		want(REQUIRED.every((n) => n in o) && isCount(o.seq) && isHash(o.prev_hash), "a column is not there");
		const canonical = Object.keys(o).sort(byBytes).map((k) => JSON.stringify(k) + ":" +
		    (typeof o[k] === "string" ? JSON.stringify(o[k]) : String(o[k])));
		want(text(bytes) === `{${canonical.join(",")}}`, "not canonical (RFC 8785)");
		return o;
	}

	async function checkProof(run, s, seq, leaf, path) {
		const c = run.checkpoint.get(s.dir);
		must(run.manifest.has(path), "RECORD_PROOF", "the record has no proof", path);
		must(c !== undefined, "PROOF_CHECKPOINT", "the checkpoint cannot be read");
		const p = parseProof(await read(run, path, NOTE), "c2sp.org/tlog-proof@v1\n", "index");
		must(p.number === seq, "PROOF_INDEX", `index ${p.number}`, seq);
		must(same(p.checkpoint, c.bytes), "PROOF_CHECKPOINT", "does not end with the pack's checkpoint");
		const root = rootOf(seq, c.size, leaf, p.path);
		must(root !== null && same(root, c.root), "PROOF_INCLUSION", root ? hex(root) : "a path of another length", hex(c.root));
	}

	async function checkRecord(run, r, last) {
		const bytes = await read(run, r.path, 1024 * 1024), leaf = leafOf(bytes);
		const o = parseRecord(bytes);
		let link = null;
		must(o.seq === r.seq, "PROOF_INDEX", `seq ${o.seq}`, r.seq);
		must(o.stream === r.stream.stream, "RECORD_STREAM", o.stream, r.stream.stream);
		await checkProof(run, r.stream, r.seq, leaf, `data/proofs/${r.stream.dir}/${r.seq}.tlog-proof`);
		if (r.seq === 0)
			link = sha256(utf8(`exhibit-audit-store/1\n${r.stream.origin}\n`));
		else if (last && last.stream === r.stream && last.seq + 1 === r.seq)
			link = last.leaf;
		must(link === null || o.prev_hash === hex(link), "RECORD_LINK", o.prev_hash, link && hex(link));
		return { stream: r.stream, seq: r.seq, leaf };
	}

	/* The rows of a folder by stream and seq; other files have no place there. */
	function list(run, folder, suffix) {
		const rows = [];
		for (const path of run.manifest.keys()) {
			if (!path.startsWith(folder))
				continue;
			const [dir, name, more] = path.slice(folder.length).split("/");
			const m = /^(0|[1-9][0-9]{0,15})(\..+)$/.exec(name || ""), stream = run.info.streams.find((s) => s.dir === dir);
			if (m === null || m[2] !== suffix || more !== undefined || !stream)
				differs(run, "FILE_UNLISTED", "no file without a place", path, "the format has no such file");
			else
				rows.push({ path, stream, seq: Number(m[1]), key: `${dir}/${m[1]}` });
		}
		return rows.sort((a, b) => byBytes(a.stream.dir, b.stream.dir) || a.seq - b.seq);
	}

	async function records(run) {
		const rows = list(run, "data/records/", ".json"), here = new Set(rows.map((r) => r.key)), n = run.info.records;
		let last = null;
		await check(run, `${rows.length} records with their proofs`, "data/records", async () => {
			for (const r of rows) {
				const before = run.checks.length;
				last = await check(run, "record, in the log by its proof", r.path, () => checkRecord(run, r, last));
				if (last !== null && r.key !== run.first)
					run.checks.length = before;
			}
			for (const p of list(run, "data/proofs/", ".tlog-proof"))
				if (!here.has(p.key))
					differs(run, "RECORD_PROOF", "proof", p.path, "the proof has no record");
		});
		if (run.first && !here.has(run.first))
			say(run, SKIPPED, "record asked for", run.first, { have: "is not in this pack" });
		await check(run, "number of records", "data/pack.json", () => must(rows.length === n.included &&
			n.included <= n.cited, "POPULATION_COUNT", `${rows.length} are here`, `${n.included} of ${n.cited}`));
		return here;
	}

	function checkPlaces(run) {
		const places = new Set(run.info.streams.flatMap((s) => ["checkpoint", "checkpoint.prev", "checkpoint.tsr",
			"consistency"].map((f) => `data/log/${s.dir}/${f}`)));
		for (const path of run.manifest.keys())
			if (path.startsWith("data/log/") && !places.has(path))
				differs(run, "FILE_UNLISTED", "no file without a place", path, "the format has no such file");
	}

	/* Samples. */

	const rank = (run, s, seq) => hex(sha256(utf8(`exhibit-sample/1\n${s.origin}\n${run.info.sample.nonce === "root" ?
		s.root : run.info.sample.nonce}\n${seq}\n`)));

	function readSample(run, sample) {
		const byDir = new Map(run.info.streams.map((s) => [s.dir, s]));
		let last = "";
		must(sample.length <= 10000, "LIMIT_SIZE", `a sample of ${sample.length} rows`);
		return sample.map((row, i) => {
			field(row, "dir");
			counts(row, ["seq"]);
			const s = byDir.get(row.dir), key = `${row.dir}/${row.seq}`;
			must(s !== undefined, "SAMPLE_MISSING", `a row of ${row.dir}, which is no stream here`);
			const r = rank(run, s, row.seq);
			must(last < r, "SAMPLE_DRAW", `row ${i} is out of the order of ranks`);
			must(run.records.has(key), "SAMPLE_MISSING", `the record ${key} is not in the pack`);
			last = r;
			return key;
		});
	}

	/* The k rows of smallest rank of all rows of the ranges. */
	function draw(run, scope) {
		const own = run.info.streams.filter((s) => s.stream === scope), k = run.info.sample.k;
		let best = [];
		const cut = () => {
			best.sort((a, b) => byBytes(a.rank, b.rank));
			best = best.slice(0, k);
		};
		for (const s of own.length > 0 ? own : run.info.streams)
			for (let seq = s.previous_size; seq < s.size; seq++) {
				best.push({ rank: rank(run, s, seq), key: `${s.dir}/${seq}` });
				if (best.length > 8 * k + 1000)
					cut();
			}
		cut();
		return best.map((b) => b.key);
	}

	function checkOwn(run, have, scope) {
		if (run.rows > MAX_RANKED)
			return say(run, SKIPPED, "draw of the sample", OWN, { have: `${run.rows} rows are too many for a browser` });
		const want = draw(run, scope), at = want.findIndex((key, i) => key !== have[i]);
		must(at === -1 && have.length === want.length, "SAMPLE_DRAW", at === -1 ? `${have.length} rows` :
		    `row ${at} is ${have[at]}`, at === -1 ? want.length : want[at]);
		return undefined;
	}

	/* Every list named sample, wherever it stands; returns how many. */
	function walk(run, v, own) {
		let n = 0;
		if (Array.isArray(v))
			v.forEach((c) => { n += walk(run, c, own); });
		if (!isObject(v))
			return n;
		for (const [key, child] of Object.entries(v))
			if (key !== "sample" || !Array.isArray(child))
				n += walk(run, child, own);
			else {
				const have = readSample(run, child);
				if (own)
					checkOwn(run, have, v.scope);
				n++;
			}
		return n;
	}

	function checkNonce(run) {
		const s = run.info.sample, auditor = s.drawn_by === "auditor";
		must(s.rule === "exhibit-sample/1", "VERSION_UNSUPPORTED", `rule ${s.rule}`);
		must(s.k >= 1 && s.k <= 10000, "JSON_FORM", `k is ${s.k}`, "1 to 10,000");
		if (s.nonce === "root" && s.drawn_by === "preparer")
			return;
		must(auditor && s.nonce !== "root", "SAMPLE_NONCE", `nonce ${s.nonce} drawn by ${s.drawn_by}`);
		must(/^[0-9a-f]{16,64}$/.test(s.nonce), "JSON_FORM", "nonce: want 16 to 64 lower-case hex digits");
		must(!run.info.streams.some((x) => x.root === s.nonce), "SAMPLE_NONCE", "a root as the auditor's nonce");
	}

	async function samples(run) {
		let own = 0;
		run.rows = run.info.streams.reduce((n, s) => n + Math.max(0, s.size - s.previous_size), 0);
		const before = run.checks.length;
		await check(run, "nonce of the sample", "data/pack.json", () => checkNonce(run));
		if (run.checks.slice(before).some((c) => c.result !== MATCHES))
			return;
		for (const path of run.manifest.keys())
			if (/^data\/controls\/[^/]+\.json$/.test(path)) {
				const at = run.checks.length;
				const n = await check(run, path === OWN ? "draw of the sample, all rows ranked again" : "order of the sample", path,
				    async () => walk(run, parseJson(await read(run, path), true), path === OWN));
				own += path === OWN && n !== 0 ? 1 : 0;
				if (n !== null && path !== OWN)
					run.checks.length = at;
			}
		if (own === 0 && run.rows > 0)
			differs(run, "SAMPLE_MISSING", "the log's own sample", OWN, "is not in the pack");
	}

	/* L5: the reader's own earlier checkpoints. */
	function checkKept(run, kept) {
		const s = run.info.streams.find((x) => x.origin === kept.origin);
		must(s !== undefined, "STREAM_MISSING", `${kept.origin} is not in the pack`);
		const c = run.checkpoint.get(s.dir), prev = run.previous.get(s.dir);
		if (c === undefined)
			return;
		must(kept.size <= c.size, "LOG_ROLLBACK", `the pack ends at ${c.size}`, `at least ${kept.size}`);
		const at = kept.size === c.size ? c : prev && prev.size === kept.size ? prev : null;
		if (at === null && kept.size > 0)
			say(run, SKIPPED, "your checkpoint", kept.origin, { have: `no proof from size ${kept.size}`, code: "LOG_NO_PROOF" });
		must(at === null || same(at.root, kept.root), "LOG_FORK", at && hex(at.root), hex(kept.root));
	}

	async function log(run) {
		for (const s of run.info.streams)
			await checkStream(run, s);
		checkPlaces(run);
		run.records = await records(run);
		await samples(run);
		for (const bytes of run.kept)
			await check(run, "your earlier checkpoint", "", () => checkKept(run, parseCheckpoint(bytes)));
		if (run.kept.length === 0 && run.info.streams.some((s) => s.previous_size > 0))
			say(run, SKIPPED, "an earlier checkpoint of your own", "", { have: "none was given: the pack's own was used" });
	}

	/* L2: the bundles. */

	function envelopeBytes(s) {
		const raw = typeof s === "string" ? unbase64(/[+/]/.test(s) ? s : s.replace(/-/g, "+").replace(/_/g, "/")) : null;
		must(raw !== null, "SIG_ENCODING", "not padded and canonical base64");
		return raw;
	}

	function parseBundle(bytes) {
		const b = parseJson(bytes, true), env = b.dsseEnvelope, m = b.verificationMaterial;
		must(field(b, "mediaType") === "application/vnd.dev.sigstore.bundle.v0.3+json", "VERSION_UNSUPPORTED", b.mediaType);
		must(isObject(env) && Array.isArray(env.signatures) && env.signatures.length === 1 && isObject(env.signatures[0]),
		    "JSON_FORM", "want one signature");
		must(isObject(m) && isObject(m.publicKey), "VERSION_UNSUPPORTED", "a certificate instead of a public key");
		must(env.payloadType === "application/vnd.in-toto+json", "SIG_DOMAIN", String(env.payloadType));
		const times = m.timestampVerificationData && m.timestampVerificationData.rfc3161Timestamps;
		const one = env.signatures[0], payload = envelopeBytes(env.payload);
		must(one.keyid === m.publicKey.hint && isHash(one.keyid), "SIG_KEYID", "hint and keyid differ");
		return { id: one.keyid, sig: envelopeBytes(one.sig), payload, stamped: Array.isArray(times) && times.length > 0,
			pae: join(utf8(`DSSEv1 ${env.payloadType.length} ${env.payloadType} ${payload.length} `), payload) };
	}

	function parseStatement(bytes) {
		const st = parseJson(bytes, false), p = st.predicate;
		must(field(st, "_type") === "https://in-toto.io/Statement/v1" && field(st, "predicateType") ===
		    "urn:exhibit:evidence-pack:1", "VERSION_UNSUPPORTED", "a statement of another type");
		must(field(p, "format") === "exhibit-pack/1", "VERSION_UNSUPPORTED", `a statement of ${p.format}`);
		must(Array.isArray(st.subject) && st.subject.length > 0 && st.subject.every((s) => isObject(s) &&
		    typeof s.name === "string" && isObject(s.digest) && isHash(s.digest.sha256)), "JSON_FORM", "subject");
		for (const n of ["person", "role", "statement", "organisation"])
			field(p, n);
		must(isObject(p.period), "JSON_FORM", "period");
		return st;
	}

	/* The manifest, then each checkpoint: exactly these. */
	function checkSubjects(run, st) {
		const want = [["manifest-sha256.txt", run.manifestHash], ...[...run.manifest].filter(([p]) =>
			/^data\/log\/[^/]+\/checkpoint$/.test(p))];
		want.forEach(([name, sum], i) => {
			const have = st.subject[i];
			must(have && have.name === name && have.digest.sha256 === sum, "SIG_SUBJECT", have ?
			    `${have.name} ${have.digest.sha256}` : "not signed", `${name} ${sum}`);
		});
		must(st.subject.length === want.length, "SIG_SUBJECT", "more was signed than the pack holds");
	}

	function checkStatement(run, signer, st) {
		const p = st.predicate, i = run.info;
		checkSubjects(run, st);
		must(p.organisation === i.organisation && p.as_of_us === i.as_of_us && ["name", "from_us", "to_us"].every((n) =>
			p.period[n] === i.period[n]), "STATEMENT_PACK", `${p.organisation} ${p.period.name}`,
		    `${i.organisation} ${i.period.name}`);
		must(p.role === signer.role && p.statement === (p.role === "preparer" ? "prepared" : "reviewed and approved"),
		    "KEY_ROLE", `'${p.statement}' as ${p.role}`, signer.role);
	}

	/* true: a pasted key made it; false: none of that id was pasted. */
	async function checkSignature(run, signer, b) {
		const key = run.keys.find((k) => k.id === b.id);
		if (key === undefined)
			return false;
		const ok = await holds(key, b.sig, b.pae);
		if (ok === null)
			return false;
		for (const other of ok ? [] : run.keys.filter((k) => k.alg === key.alg && k !== key))
			must(await holds(other, b.sig, b.pae) !== true, "SIG_KEYID", `signed by ${other.id}`, key.id);
		must(ok, "SIG_INVALID", "the signature does not hold", `key ${key.id}`);
		signer.key = key;
		return true;
	}

	/* What a trust file says of the key, besides. */
	function checkKey(run, signer, b, st) {
		const k = signer.key;
		must(k.role === undefined || k.role === signer.role, "KEY_ROLE", `a key for ${k.role}`, signer.role);
		must(k.person === undefined || k.person === st.predicate.person, "STATEMENT_PERSON", st.predicate.person, k.person);
		must(k.organisation === undefined || k.organisation === run.info.organisation, "STATEMENT_PACK",
		    run.info.organisation, k.organisation);
		must(!k.revoked || b.stamped, "KEY_REVOKED", "the key was revoked");
		if (k.revoked)
			say(run, SKIPPED, "time of a signature by a revoked key", signer.bundle, { have: "timestamps are not read here" });
	}

	async function checkBundle(run, signer) {
		must(run.files.has(signer.bundle) && run.files.has(signer.sshsig), "SIG_PAIR", "one of the two files is not there");
		const bytes = await read(run, signer.bundle);
		signer.sum = hex(sha256(bytes));
		const b = parseBundle(bytes), known = await checkSignature(run, signer, b);
		signer.id = b.id;
		const st = parseStatement(b.payload);
		checkStatement(run, signer, st);
		signer.person = st.predicate.person;
		signer.bundles = st.predicate.preparer_bundles;
		if (known) {
			checkKey(run, signer, b, st);
			signer.key.confirmed.push(signer.bundle);
		} else
			say(run, SKIPPED, "signature", signer.bundle, { have: `by key ${b.id}`, want: "a key that you pasted" });
	}

	function signersOf(run) {
		const found = new Map();
		for (const path of run.files.keys()) {
			const m = SIG.exec(path);
			if (m !== null)
				found.set(m[1], { name: m[1], role: m[2], bundle: `sig/${m[1]}.sigstore.json`, sshsig: `sig/${m[1]}.sshsig` });
		}
		return [...found.values()].sort((a, b) => byBytes(b.role, a.role) || byBytes(a.name, b.name));
	}

	/* One key and one person stand in one role once; an approval names all
	   preparations. */
	function checkDuties(run, signers, s) {
		const sums = signers.filter((x) => x.role === "preparer" && x.sum).map((x) => x.sum).sort();
		for (const o of signers.filter((x) => x !== s && x.id !== undefined)) {
			must(o.id !== s.id, o.role === s.role ? "SIG_DUPLICATE" : "DUTIES_SAME_KEY", `one key in ${o.bundle} too`);
			must(o.role === s.role || o.person !== s.person, "DUTIES_SAME_PERSON", `${s.person} signed both`);
		}
		must(s.role === "preparer" || JSON.stringify(s.bundles) === JSON.stringify(sums), "APPROVAL_BINDING",
		    "approves other preparations than those in sig/", sums.join(" "));
	}

	async function signatures(run) {
		const signers = signersOf(run);
		for (const s of signers)
			await check(run, "statement and bundle", s.bundle, () => checkBundle(run, s));
		for (const s of signers.filter((x) => x.person !== undefined))
			await check(run, "duties", s.bundle, () => checkDuties(run, signers, s));
		if (signers.length === 0)
			say(run, SKIPPED, "signatures", "sig/", { have: "nobody signed this pack" });
		return signers;
	}

	const NEVER = [["SSHSIG files", "their signatures; only that they are there"],
		["timestamps", "tokens of time authorities, and the dates of keys"],
		["empty folders and symbolic links", "a browser does not show them"],
		["the ZIP", "only the unpacked folder is read"],
		["persons", "who they are, whether they read what they signed, and whether enough signed"],
		["the events", "whether they are true, and whether all that happened was recorded"]];

	function sumUp(run) {
		const n = run.checks.filter((c) => c.result === DIFFERS).length;
		if (n > 0)
			return `Does not match: ${n} finding${n === 1 ? "" : "s"}`;
		if (run.open || run.keys.length === 0 || !run.keys.some((k) => k.confirmed.length > 0))
			return run.open ? "Undecided: something could not be checked here" :
			    "Undecided: agrees in itself, no key confirmed";
		return "Agrees in itself, and with the key you pasted";
	}

	/* The record that was asked for stands first, then what does not match. */
	function order(run) {
		const place = (c) => (run.first && c.file === `data/records/${run.first}.json` ? 0 :
			[DIFFERS, SKIPPED, MATCHES].indexOf(c.result) + 1);
		return run.checks.map((c, i) => [place(c), i, c]).sort((a, b) => a[0] - b[0] || a[1] - b[1]).map((x) => x[2]);
	}

	async function pack(o) {
		const run = { files: new Map(o.files.map((f) => [f.path, f])), keys: o.keys || [], kept: o.kept || [],
			first: o.first || "", checks: [], checkpoint: new Map(), previous: new Map(), info: null, open: false };
		let signers = [];
		await integrity(run);
		if (run.manifest !== null && run.info !== null) {
			signers = await signatures(run);
			await log(run);
		}
		NEVER.forEach(([what, have]) => say(run, SKIPPED, what, "", { have }));
		const sum = sumUp(run);
		return { sum, agrees: sum.startsWith("Agrees"), checks: order(run), keys: run.keys,
			manifest: run.manifestHash || "", signers, info: run.info };
	}

	return { pack, keys, sha256, hex, utf8, rootOf, extendsLog, parseJson };
})();

if (typeof module !== "undefined")
	module.exports = Verify;
