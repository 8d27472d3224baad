/* Native lines, whatever the bytes: see fuzz_log.h. */
#include "fuzz_log.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	fuzz_ingest(p, len, "native");
	return 0;
}
