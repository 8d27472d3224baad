// Opens pages of the built site from file:// in headless Chromium, as a
// reader would: light and dark, 320 and 1280 pixels wide, and lets axe-core
// judge them.  Nothing may be requested outside the pack, no dialog may open,
// no page may scroll sideways.  Prints PASS and FAIL lines.
import { readFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const pack = process.argv[2];
const shots = process.argv[3] ?? "";
const pages = readFileSync(0, "utf8").split("\n").filter((p) => p !== "");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
let failed = 0;

function judge(name, faults) {
	if (faults.length === 0)
		return console.log(`PASS site ${name}`);
	failed++;
	console.log(`FAIL site ${name}: ${faults.length}`);
	for (const f of faults.slice(0, 12))
		console.log("    " + f);
}

const browser = await chromium.launch({
	executablePath: "/usr/bin/chromium",
	args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const violations = [], outside = [], wide = [], noise = [];
const root = pathToFileURL(pack).href;

// In dark only the colours differ, so only they are judged again.
async function visit(scheme, width) {
	const only = scheme === "dark" ? { type: "rule", values: ["color-contrast"] } : { type: "tag", values: tags };
	const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 900 } });
	const page = await context.newPage();
	const session = await context.newCDPSession(page);
	let at = "";
	page.on("request", (r) => { if (!r.url().startsWith(root)) outside.push(`${at}: ${r.url()}`); });
	page.on("dialog", (d) => { noise.push(`${at}: a dialog`); d.dismiss(); });
	page.on("pageerror", (e) => noise.push(`${at}: ${e.message}`));
	page.on("console", (m) => { if (m.type() === "error") noise.push(`${at}: ${m.text()}`); });
	for (const path of pages) {
		at = `${path} ${scheme} ${width}`;
		await page.goto(pathToFileURL(join(pack, path)).href, { waitUntil: "load" });
		const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
		if (over > 0)
			wide.push(`${at}: ${over} pixels too wide`);
		// axe comes in through the debugger, past the page's policy; with
		// preload it would fetch the style sheet, which the policy refuses.
		await session.send("Runtime.evaluate", { expression: axe });
		const { result, exceptionDetails } = await session.send("Runtime.evaluate", { awaitPromise: true, returnByValue: true,
			expression: `axe.run(document, {runOnly: ${JSON.stringify(only)}, resultTypes: ["violations"], preload: false})
				.then(r => JSON.stringify([r.passes.length, r.violations.map(v => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 160), v.nodes[0].failureSummary.slice(0, 200)])]))` });
		if (exceptionDetails !== undefined || JSON.parse(result.value)[0] === 0) {
			violations.push(`${at}: axe judged nothing`);
			continue;
		}
		for (const v of JSON.parse(result.value)[1])
			violations.push(`${at}: ${v[0]} (${v[1]}): ${v[2]} ${v[3].replace(/\s+/g, " ")}`);
		if (shots !== "") {
			mkdirSync(shots, { recursive: true });
			await page.screenshot({ path: join(shots, `${path.replace(/[^a-z0-9]+/gi, "-")}-${scheme}-${width}.png`), fullPage: width === 1280 });
		}
	}
	await context.close();
}

await Promise.all([["light", 320], ["light", 1280], ["dark", 1280]].map((c) => visit(...c)));
// The front page is read on paper: two sheets, tagged for readers.
const sheets = [];
const paper = await browser.newPage();
await paper.goto(pathToFileURL(join(pack, "data/site/index.html")).href);
const pdf = (await paper.pdf({ preferCSSPageSize: true, tagged: true })).toString("latin1");
const count = (pdf.match(/\/Type\s*\/Page[^s]/g) ?? []).length;
if (count < 1 || count > 2)
	sheets.push(`data/site/index.html: ${count} sheets`);
if (!pdf.includes("/StructTreeRoot"))
	sheets.push("data/site/index.html: no tags");
await browser.close();
if (pages.length === 0)
	violations.push("no page to judge");
judge(`axe: ${pages.length} pages, 320 and 1280 pixels, light and dark`, violations);
judge("no request leaves the pack", outside);
judge("no page scrolls sideways", wide);
judge("no dialog, script error or violated policy", noise);
judge("the front page prints on two sheets", sheets);
process.exit(failed === 0 ? 0 : 1);
