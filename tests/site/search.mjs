// Asks the site's search from file:// in headless Chromium, as a reader
// would: what it finds, in which order, what it says of a wrong field, and
// that it loads nothing but its own lists.  Prints PASS and FAIL lines.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const pack = process.argv[2], root = pathToFileURL(pack).href;
const site = join(pack, "data/site");
let failed = 0;
function judge(name, good, detail = "") {
	console.log(`${good ? "PASS" : "FAIL"} site search: ${name}${good ? "" : ": " + detail}`);
	failed += good ? 0 : 1;
}

const browser = await chromium.launch({
	executablePath: "/usr/bin/chromium",
	args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
const noise = [];
page.on("request", (r) => { if (!r.url().startsWith(root)) noise.push(r.url()); });
page.on("pageerror", (e) => noise.push(e.message));
page.on("console", (m) => { if (m.type() === "error") noise.push(m.text()); });
await page.goto(root + "/data/site/search.html");

async function ask(query) {
	await page.fill("#q", query);
	await page.waitForFunction(() => !/Loading/.test(document.querySelector("#ask [role=status]").textContent));
	return page.evaluate(() => ({
		says: document.querySelector("#ask [role=status]").textContent,
		hits: [...document.querySelectorAll(".hits a")].map((a) => [a.textContent, a.getAttribute("href")]),
	}));
}

const gap = readdirSync(join(site, "gaps")).find((f) => /^g-[0-9a-f]{12}.*\.html$/.test(f));
let r = await ask(gap.slice(0, 14));
judge("a gap's id leads to its page", r.hits.some((h) => h[1].startsWith("gaps/" + gap.slice(0, 14))), JSON.stringify(r));
r = await ask("HO-01");
judge("a title comes before a mention", r.hits.length > 2 && r.hits[0][0].startsWith("HO-01"), JSON.stringify(r.hits.slice(0, 3)));
r = await ask("14.4.e kind:requirement");
judge("an article by its number", r.hits.length === 1 && r.hits[0][1].endsWith("aia-14.4.e.html"), JSON.stringify(r));
r = await ask("kind:control status:gap,partial,satisfied framework:eu severity:critical");
judge("fields are all asked", r.hits.length > 1 && r.hits.every((h) => h[1].startsWith("controls/")), JSON.stringify(r));
const all = await ask("kind:gap"), without = await ask("kind:gap -status:waived");
judge("a minus leaves pages out", all.hits.length > without.hits.length || /Nothing found/.test(without.says), JSON.stringify([all.says, without.says]));
r = await ask("stauts:gap");
judge("an unknown field is named", /No field is called stauts/.test(r.says), r.says);
r = await ask("zzz qqq no such thing");
judge("nothing found says what to do", /Nothing found/.test(r.says) && r.hits.length === 0, r.says);
r = await ask("kind:record");
judge("twenty at a time", r.hits.length === 20 && /the first 20 shown/.test(r.says), r.says);
await page.click("#ask > button");
judge("twenty more", (await page.$$(".hits li")).length === 40);
r = await ask("IMPACT ASSÉSSMENT".normalize("NFD"));
judge("case and accents do not matter", r.hits.length > 0, r.says);
const hostile = '"><img src=x onerror=alert(1)> __proto__ constructor:x [U+202E]';
r = await ask(hostile);
judge("a hostile question is text", (await page.$$("#ask img")).length === 0 && r.hits.length === 0, r.says);
await ask("refund");
const address = await page.evaluate(() => location.href);
judge("the question is kept in the address", /#q=refund$/.test(address), address);
await page.goto(address.replace(/#.*/, "#q=HO-01"));
await page.reload();
await page.waitForSelector(".hits a");
judge("an address with a question answers it", (await page.textContent(".hits a")).startsWith("HO-01"));
// One scan, of ten: the median, as a ratio of nothing is only for people.
const ms = await page.evaluate(() => {
	const q = document.getElementById("q"), t = [];
	for (let i = 0; i < 10; i++) {
		const from = performance.now();
		q.value = "refund " + i;
		q.dispatchEvent(new Event("input"));
		t.push(performance.now() - from);
	}
	return t.sort((a, b) => a - b)[5];
});
console.log(`    a question takes ${ms.toFixed(1)} ms over ${readdirSync(join(site, "search")).length} lists`);
// Entries are data whatever they hold: the lists parse to one shape.
let entries = 0, bad = 0;
for (const f of readdirSync(join(site, "search"))) {
	let list = null;
	new Function("X", readFileSync(join(site, "search", f), "utf8"))({ p: (n, l) => { list = l; } });
	for (const e of list) {
		entries++;
		bad += e.length === 5 && e.every((v) => typeof v === "string") ? 0 : 1;
	}
}
judge("every entry is five texts", entries > 0 && bad === 0, `${bad} of ${entries}`);
judge("no request, error or policy report", noise.length === 0, noise.slice(0, 4).join("; "));
await browser.close();
process.exit(failed === 0 ? 0 : 1);
