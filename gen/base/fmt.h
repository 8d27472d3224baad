#ifndef BASE_FMT_H
#define BASE_FMT_H

#include <stdarg.h>
#include <stddef.h>

/*
 * What vsnprintf writes, for formats of %s %c %d %u %zu %ld %lu %llu %% and
 * %04d %04u (any width of one digit, with zeros) alone, which are nearly all that pages are made with: ten times as fast.  Returns
 * the length without the NUL; or FMT_NOT where the format holds something
 * else or the text takes more than cap - 1 bytes: then ask vsnprintf.
 */
#define FMT_NOT ((size_t)-1)

size_t fmt_plain(char *to, size_t cap, const char *fmt, va_list)
    __attribute__((format(printf, 3, 0)));

#endif
