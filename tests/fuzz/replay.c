/* A plain main for fuzz targets: each file named is one input. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		uint8_t *p;
		size_t n;

		if (f == NULL || fseek(f, 0, SEEK_END) != 0)
			return 4;
		n = (size_t)ftell(f);
		rewind(f);
		p = malloc(n + 1);
		if (p == NULL || fread(p, 1, n, f) != n)
			return 4;
		(void)fclose(f);
		(void)LLVMFuzzerTestOneInput(p, n);
		free(p);
	}
	return argc > 1 ? 0 : 5;
}
