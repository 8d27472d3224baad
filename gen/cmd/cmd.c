#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/out.h"
#include "cmd/cmd.h"

int
cmd_diag(const struct diag *d, struct err *e)
{
	if (d->total == 0)
		return 0;
	for (size_t i = 0; i < d->n; i++) {
		out_text(stderr, d->line[i]);
		(void)fputc('\n', stderr);
	}
	return err_set(e, d->kind, "%" PRIu64 " %s%s", d->total,
	    d->total == 1 ? "error" : "errors",
	    d->total > d->n ? ", the first ones shown" : "");
}

void
cmd_say(const struct options *o, const char *fmt, ...)
{
	va_list ap;

	if (o->quiet)
		return;
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
}
