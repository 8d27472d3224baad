/* Sixteen lanes of SHA-256; compiled with -mavx512f -mavx512bw -mavx512vl. */
#ifdef __AVX512BW__
#include <immintrin.h>

#define LANES 16
#include "crypt/hash_many.h"

typedef __m512i V;

#define ADD(x, y) _mm512_add_epi32((x), (y))
#define SET(x) _mm512_set1_epi32((int)(x))
#define LOAD(p) _mm512_load_si512((p))
#define STORE(p, x) _mm512_store_si512((p), (x))
#define ROR(x, n) _mm512_ror_epi32((x), (n))
#define XOR3(x, y, z) _mm512_ternarylogic_epi32((x), (y), (z), 0x96)
#define CH(x, y, z) _mm512_ternarylogic_epi32((x), (y), (z), 0xca)
#define MAJ(x, y, z) _mm512_ternarylogic_epi32((x), (y), (z), 0xe8)
#define SIGMA0(x) XOR3(ROR(x, 2), ROR(x, 13), ROR(x, 22))
#define SIGMA1(x) XOR3(ROR(x, 6), ROR(x, 11), ROR(x, 25))
#define GAMMA0(x) XOR3(ROR(x, 7), ROR(x, 18), _mm512_srli_epi32((x), 3))
#define GAMMA1(x) XOR3(ROR(x, 17), ROR(x, 19), _mm512_srli_epi32((x), 10))

/* Word i of all lanes into w[i]: a 16 by 16 transposition. */
static inline void
load_words(V w[16], const uint8_t *const p[LANES])
{
	const V swap = _mm512_broadcast_i32x4(_mm_setr_epi8(3, 2, 1, 0, 7, 6, 5,
	    4, 11, 10, 9, 8, 15, 14, 13, 12));
	V r[16], t[4];

	for (size_t i = 0; i < 16; i++)
		r[i] = _mm512_shuffle_epi8(_mm512_loadu_si512(p[i]), swap);
	for (size_t i = 0; i < 16; i += 4) {
		t[0] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
		t[1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
		t[2] = _mm512_unpacklo_epi32(r[i + 2], r[i + 3]);
		t[3] = _mm512_unpackhi_epi32(r[i + 2], r[i + 3]);
		r[i] = _mm512_unpacklo_epi64(t[0], t[2]);
		r[i + 1] = _mm512_unpackhi_epi64(t[0], t[2]);
		r[i + 2] = _mm512_unpacklo_epi64(t[1], t[3]);
		r[i + 3] = _mm512_unpackhi_epi64(t[1], t[3]);
	}
	for (size_t i = 0; i < 4; i++) {
		t[0] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
		t[1] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
		t[2] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
		t[3] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
		w[i] = _mm512_shuffle_i32x4(t[0], t[2], 0x88);
		w[i + 4] = _mm512_shuffle_i32x4(t[1], t[3], 0x88);
		w[i + 8] = _mm512_shuffle_i32x4(t[0], t[2], 0xdd);
		w[i + 12] = _mm512_shuffle_i32x4(t[1], t[3], 0xdd);
	}
}

static void
hash_compress(uint32_t state[8][LANES], const uint8_t *const p[LANES])
{
	V w[16];

	load_words(w, p);
	HASH_BODY();
}

void
hash_many_avx512(int prefix, uint8_t (*out)[HASH_LEN],
    const void *const *p, const size_t *len, size_t n)
{
	hash_run(prefix, out, p, len, n);
	_mm256_zeroupper();
}
#else
#include "crypt/hash_many.h"
#endif
