// The page that checks a pack, from file:// in headless Chromium, as an
// auditor would use it: verify.mjs PACK KEYS.  A good pack agrees with the
// pasted key; each spoiled copy does not; the page asks nothing of anybody.
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync, appendFileSync } from "node:fs";
import { createHash, generateKeyPairSync } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const pack = process.argv[2], keys = process.argv[3];
const key = (role) => readFileSync(join(keys, role + ".pub"), "utf8");
const address = pathToFileURL(join(pack, "data/site/verify.html")).href;
let failed = 0;
function judge(name, good, detail = "") {
	console.log(`${good ? "PASS" : "FAIL"} site verify: ${name}${good ? "" : ": " + detail}`);
	failed += good ? 0 : 1;
}

// The page again without its data: the same in every pack of a release.
const text = readFileSync(join(pack, "data/site/verify.html"), "utf8");
const island = JSON.parse(/<script type="application\/json" id="pack">(.*?)<\/script>/s.exec(text)[1]);
judge("the island is pack.json", JSON.stringify(island) === JSON.stringify(JSON.parse(
	readFileSync(join(pack, "data/pack.json"), "utf8"))));
for (const [what, open, close] of [["script", "<script>", "</script>"], ["style", "<style>", "</style>"]]) {
	const at = text.indexOf(open) + open.length, body = text.slice(at, text.indexOf(close, at));
	const hash = createHash("sha256").update(body).digest("base64");
	judge(`the policy names the ${what}`, text.includes(`${what}-src 'sha256-${hash}'`), hash);
}

const browser = await chromium.launch({
	executablePath: "/usr/bin/chromium",
	args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const noise = [];
async function open(url, script = true) {
	const context = await browser.newContext({ javaScriptEnabled: script });
	const page = await context.newPage();
	page.on("request", (r) => { if (r.url().split("#")[0] !== address) noise.push(r.url()); });
	page.on("pageerror", (e) => noise.push(e.message));
	page.on("dialog", (d) => { noise.push("dialog " + d.message()); d.dismiss(); });
	page.on("console", (m) => { if (["error", "warning"].includes(m.type())) noise.push(m.text()); });
	await page.goto(url);
	return page;
}

// What the page says of a folder: the sum, the rows, the whole text.
async function ask(folder, pasted, hash = "", kept = []) {
	const page = await open(address + hash);
	await page.setInputFiles("#folder", folder);
	await page.fill("#key", pasted);
	await page.setInputFiles("#kept", kept);
	await page.click("#go");
	await page.waitForSelector("#go:enabled", { timeout: 120000 });
	const r = await page.evaluate(() => ({
		sum: document.querySelector("#result p").textContent, text: document.querySelector("#result").textContent,
		rows: [...document.querySelectorAll("#result table:last-of-type tbody tr")].map((t) => [...t.cells].map((c) => c.textContent)),
	}));
	r.rows = r.rows.filter((row) => row.length === 5);
	await page.context().close();
	return r;
}

const AGREES = "Agrees in itself, and with the key you pasted";
const records = join(pack, "data/records"), dir = readdirSync(records)[0], record = readdirSync(join(records, dir))[0];
let r = await ask(pack, key("log") + key("preparer") + key("approver"), `#r=${dir}/${record.replace(".json", "")}`);
judge("a good pack agrees with the pasted keys", r.sum === AGREES, r.sum + JSON.stringify(r.rows.slice(0, 5)));
judge("the record asked for stands first", r.rows.length > 0 && r.rows[0][0] === "matches" &&
	r.rows[0][2] === `data/records/${dir}/${record}`, JSON.stringify(r.rows[0]));
judge("it never vouches for itself", r.text.includes("cannot vouch for itself") && !/\bvalid\b/.test(r.text));
judge("fingerprints to compare", r.text.includes(createHash("sha256").update(
	readFileSync(join(pack, "manifest-sha256.txt"))).digest("hex")));
judge("what it does not check is named", ["SSHSIG files", "timestamps", "persons", "the events"].every((w) =>
	r.rows.some((row) => row[0] === "not checked" && row[1] === w)));

// The rest over a small pack: the same page reads any.
const small = fileURLToPath(new URL("../vectors/base/q3", import.meta.url));
const trust = readFileSync(join(small, "../trust.json"), "utf8");
r = await ask(small, "");
judge("without a key it is undecided", r.sum === "Undecided: agrees in itself, no key confirmed", r.sum);
judge("the page of another pack says so", r.rows.some((row) => row[3] === "is the page of another pack"));
r = await ask(small, generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }));
judge("a wrong key does not confirm", r.sum === "Undecided: agrees in itself, no key confirmed" &&
	r.text.includes("confirms nothing here"), r.sum);
r = await ask(small, "no key at all <img src=x onerror=alert(1)>");
judge("what is no key is refused", /neither a public key/.test(r.sum), r.sum);
r = await ask(small, trust, "", [join(small, "data/log/refunds/checkpoint.prev")]);
judge("an own earlier checkpoint agrees", r.sum === AGREES && r.rows.some((row) => row[0] === "matches" &&
	row[1] === "your earlier checkpoint"), r.sum);

const tmp = mkdtempSync(join(tmpdir(), "exhibit-verify-")), copy = join(tmp, "pack");
const spoil = [
	["a tampered record", "data/records/refunds/20.json", "SHA-256", (f) => {
		const b = readFileSync(f);
		b[b.length - 3] ^= 1;
		writeFileSync(f, b);
	}],
	["an extra file", "data/site/extra<img src=x onerror=alert(1)>.html", "no file without a line", (f) => writeFileSync(f, "x")],
	["a changed page", "data/site/index.html", "SHA-256", (f) => appendFileSync(f, " ")],
	["a missing file", "data/site/index.html", "file", (f) => rmSync(f)],
];
try {
	for (const [name, path, what, change] of spoil) {
		cpSync(small, copy, { recursive: true });
		change(join(copy, path));
		r = await ask(copy, trust);
		judge(`${name} does not match`, /^Does not match: [0-9]+ finding/.test(r.sum) && r.rows.some((row) =>
			row[0] === "does not match" && row[1] === what && row[2] === path), r.sum + JSON.stringify(r.rows.slice(0, 3)));
		rmSync(copy, { recursive: true });
	}
} finally {
	rmSync(tmp, { recursive: true });
}
const plain = await open(address, false);
judge("without JavaScript the commands stand there", /sha256sum --strict -c/.test(await plain.textContent("#tools")) &&
	/Cannot be checked here/.test(await plain.textContent("#begin")));
judge("no request, dialog, error or policy report", noise.length === 0, noise.slice(0, 4).join("; "));
await browser.close();
process.exit(failed === 0 ? 0 : 1);
