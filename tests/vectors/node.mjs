// The second verifier, site/js/verify.js, over every fixture of ok/ and fail/
// that is a folder: it agrees on all of ok/, and never where `exhibit verify`
// finds status 2 or 3 in a check that the script runs; there it names one of
// the codes.  The signed packs of ok/ without a key are undecided.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, lstatSync, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const Verify = createRequire(import.meta.url)("../../site/js/verify.js");

// What the script does not run, and says so: by fixture, with the reason.
const NOT_RUN = {
	"26-pipe": "a browser shows plain files alone",
	"29-low-order-key": "the trust file is the reader's own",
	"31-md5-imprint": "timestamps", "31-sha1-imprint": "timestamps",
	"38-empty-folder": "a browser does not show it",
	"40-sshsig": "SSHSIG", "43-two-keys": "SSHSIG", "47-namespace": "SSHSIG",
	"48-blank-line": "SSHSIG",
	"53-revoked-before-its-timestamp": "timestamps", "54-stamped-after-the-key-ended": "timestamps",
	"77-of-other-data": "timestamps", "78-no-such-use": "timestamps", "78-use-not-critical": "timestamps",
	"80-authority-ended": "timestamps", "80-before-the-period-end": "timestamps",
	"81-rebuilt-differs": "a rebuilt pack",
};

// What it finds by another check than exhibit does: a link is no file here.
const OTHER = { "26-symlink": "FILE_MISSING" };

function filesOf(root) {
	const out = [];
	const walk = (dir) => {
		for (const name of readdirSync(dir)) {
			const path = join(dir, name), st = lstatSync(path);
			if (st.isDirectory())
				walk(path);
			else if (st.isFile())
				out.push({ path: relative(root, path), size: st.size, bytes: async () => new Uint8Array(readFileSync(path)) });
		}
	};
	walk(root);
	return out;
}

// The reader's own: a checkpoint, or those of a pack that was kept.
function keptOf(folder) {
	const path = join(folder, "previous");
	if (!existsSync(path))
		return [];
	if (statSync(path).isFile())
		return [new Uint8Array(readFileSync(path))];
	return filesOf(path).filter((f) => /^data\/log\/[^/]+\/checkpoint$/.test(f.path))
		.map((f) => new Uint8Array(readFileSync(join(path, f.path))));
}

async function run(folder, want) {
	const at = want.argv.indexOf("--trust");
	const keys = at === -1 ? "" : readFileSync(join(folder, want.argv[at + 1]), "utf8");
	const pack = { files: filesOf(join(folder, "pack")), kept: want.argv.includes("--previous") ? keptOf(folder) : [] };
	try {
		pack.keys = Verify.keys(keys);
	} catch (e) {
		return { agrees: false, sum: e.message, codes: [e.code] };
	}
	const r = await Verify.pack(pack), without = await Verify.pack({ ...pack, keys: [] });
	return { agrees: r.agrees, sum: r.sum, codes: r.checks.filter((c) => c.result === "does not match").map((c) => c.code),
		checks: r.checks, without: without.agrees };
}

function judge(kind, name, want, have) {
	if (have.without)
		return "agrees without a key";
	if (kind === "ok")
		return have.agrees ? null : `${have.sum}: ${JSON.stringify(have.checks.filter((c) => c.result === "does not match"))}`;
	if (NOT_RUN[name] !== undefined)
		return have.codes.length === 0 ? null : `is no longer among what is not run: ${have.codes}`;
	if (want.status === 5)
		return have.codes.length === 0 ? null : `undecided, and the script finds ${have.codes}`;
	if (have.agrees)
		return "agrees";
	return have.codes.some((c) => want.codes.includes(c) || c === OTHER[name]) ? null : `finds ${have.codes}, want one of ${want.codes}`;
}

// The page checks packs; of a reply it says that it is none.
const isReply = (folder) => existsSync(join(folder, "pack", "reply.json"));
const judgeReply = (have) => !have.agrees && have.codes.join() === "NOT_A_PACK" ? null : `of a reply: ${have.sum}, ${have.codes}`;

const made = mkdtempSync(join(tmpdir(), "exhibit-vectors-"));
let failed = 0, n = 0;
try {
	const r = spawnSync("python3", [join(here, "run"), "--make", made], { encoding: "utf8" });
	if (r.status !== 0)
		throw new Error(r.stderr);
	for (const kind of ["ok", "fail"])
		for (const name of readdirSync(join(made, kind))) {
			const folder = join(made, kind, name), want = JSON.parse(readFileSync(join(folder, "expect.json"), "utf8"));
			const have = await run(folder, want), why = isReply(folder) ? judgeReply(have) : judge(kind, name, want, have);
			console.log(why === null ? `PASS vectors verify.js ${kind}/${name}` : `FAIL vectors verify.js ${kind}/${name}: ${why}`);
			failed += why === null ? 0 : 1;
			n++;
		}
} finally {
	rmSync(made, { recursive: true });
}
if (n < 100) {
	console.log(`FAIL vectors verify.js: ${n} fixtures, want at least 100`);
	failed++;
}
process.exit(failed === 0 ? 0 : 1);
