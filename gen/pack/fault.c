#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pack/fault.h"

static const struct {
	const char *name, *says;
	enum err_kind kind;
} faults[FAULT_NCODE] = {
	[FAULT_NONE] = { "", "", ERR_OK },
#define FAULT(code, kind, says) [FAULT_##code] = { #code, says, kind },
#include "pack/fault.def"
#undef FAULT
};

int
fault_set(struct fault *f, enum fault_code code, const char *fmt, ...)
{
	va_list ap;

	f->code = code;
	va_start(ap, fmt);
	(void)vsnprintf(f->detail, sizeof(f->detail), fmt, ap);
	va_end(ap);
	return -1;
}

int
fault_wrap(struct fault *f, const char *where)
{
	struct fault old = *f;

	return fault_set(f, old.code, "%s: %.300s", where, old.detail);
}

const char *
fault_name(enum fault_code code)
{
	return faults[code].name;
}

const char *
fault_says(enum fault_code code)
{
	return faults[code].says;
}

enum err_kind
fault_kind(enum fault_code code)
{
	return faults[code].kind;
}

int
fault_err(const struct fault *f, const char *path, struct err *e)
{
	return err_set(e, fault_kind(f->code), "%s: %s (%s)", path, f->detail,
	    fault_name(f->code));
}
