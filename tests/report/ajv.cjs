// ajv.cjs AJV SCHEMA FILE...: each file against the schema, by that build of
// ajv (ajv-draft-04, ajv/dist/2020).
const fs = require("fs");
const [build, schema, ...files] = process.argv.slice(2);
const Ajv = require(build);
const formats = require("ajv-formats");
const ajv = new (Ajv.default || Ajv)({ strict: false, allErrors: true });
(formats.default || formats)(ajv);
const validate = ajv.compile(JSON.parse(fs.readFileSync(schema, "utf8")));
let bad = files.length === 0;
for (const f of files)
	if (!validate(JSON.parse(fs.readFileSync(f, "utf8")))) {
		bad = true;
		for (const e of validate.errors.slice(0, 8))
			console.log(f, e.instancePath, e.message);
	}
process.exit(bad ? 1 : 0);
