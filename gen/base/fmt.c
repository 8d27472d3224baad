#include <string.h>

#include "base/fmt.h"

struct out {
	char *p;
	size_t left; /* with room for the NUL */
	int full;
};

static void
add(struct out *o, const char *p, size_t n)
{
	if (n >= o->left) {
		o->full = 1;
		return;
	}
	memcpy(o->p, p, n);
	o->p += n;
	o->left -= n;
}

/* width: with zeros before it, as many as %0<width> asks for. */
static void
add_number(struct out *o, unsigned long long u, int minus, int width)
{
	char buf[24], *p = buf + sizeof(buf);

	do {
		*--p = (char)('0' + u % 10);
		u /= 10;
	} while (u > 0);
	while (buf + sizeof(buf) - p < width - minus)
		*--p = '0';
	if (minus)
		*--p = '-';
	add(o, p, (size_t)(buf + sizeof(buf) - p));
}

size_t
fmt_plain(char *to, size_t cap, const char *fmt, va_list ap)
{
	struct out o = { to, cap, cap == 0 };

	while (!o.full) {
		const char *s = fmt;
		int i, width = 0;
		long l;
		char c;

		while (*fmt != '%' && *fmt != '\0')
			fmt++;
		add(&o, s, (size_t)(fmt - s));
		if (*fmt == '\0')
			break;
		fmt++;
		if (*fmt == '0' && fmt[1] >= '1' && fmt[1] <= '9') {
			width = fmt[1] - '0';
			fmt += 2;
			if (*fmt != 'd' && *fmt != 'u')
				return FMT_NOT;
		}
		switch (*fmt++) {
		case 'z':
			if (*fmt++ != 'u')
				return FMT_NOT;
			add_number(&o, va_arg(ap, size_t), 0, 0);
			break;
		case 'l':
			if (*fmt == 'u')
				add_number(&o, va_arg(ap, unsigned long), 0,
				    0);
			else if (*fmt == 'd') {
				l = va_arg(ap, long);
				add_number(&o, l < 0 ?
				    0 - (unsigned long long)l :
				    (unsigned long long)l, l < 0, 0);
			} else if (*fmt == 'l' && *++fmt == 'u')
				add_number(&o, va_arg(ap, unsigned long long),
				    0, 0);
			else
				return FMT_NOT;
			fmt++;
			break;
		case 's':
			s = va_arg(ap, const char *);
			if (s == NULL)
				return FMT_NOT;
			add(&o, s, strlen(s));
			break;
		case 'c':
			c = (char)va_arg(ap, int);
			add(&o, &c, 1);
			break;
		case 'd':
			i = va_arg(ap, int);
			add_number(&o, i < 0 ? 0 - (unsigned long long)i :
			    (unsigned long long)i, i < 0, width);
			break;
		case 'u':
			add_number(&o, va_arg(ap, unsigned), 0, width);
			break;
		case '%':
			add(&o, "%", 1);
			break;
		default:
			return FMT_NOT;
		}
	}
	if (o.full)
		return FMT_NOT;
	*o.p = '\0';
	return (size_t)(o.p - to);
}
