/* Eight lanes of SHA-256; compiled with -mavx2. */
#ifdef __AVX2__
#include <immintrin.h>

#define LANES 8
#include "crypt/hash_many.h"

typedef __m256i V;

#define ADD(x, y) _mm256_add_epi32((x), (y))
#define SET(x) _mm256_set1_epi32((int)(x))
#define LOAD(p) _mm256_load_si256((const V *)(const void *)(p))
#define STORE(p, x) _mm256_store_si256((V *)(void *)(p), (x))
#define XOR(x, y) _mm256_xor_si256((x), (y))
#define SHR(x, n) _mm256_srli_epi32((x), (n))
#define ROR(x, n) \
	_mm256_or_si256(SHR((x), (n)), _mm256_slli_epi32((x), 32 - (n)))
#define CH(x, y, z) XOR((z), _mm256_and_si256((x), XOR((y), (z))))
#define MAJ(x, y, z) _mm256_or_si256(_mm256_and_si256((x), (y)), \
	_mm256_and_si256((z), _mm256_or_si256((x), (y))))
#define SIGMA0(x) XOR(XOR(ROR(x, 2), ROR(x, 13)), ROR(x, 22))
#define SIGMA1(x) XOR(XOR(ROR(x, 6), ROR(x, 11)), ROR(x, 25))
#define GAMMA0(x) XOR(XOR(ROR(x, 7), ROR(x, 18)), SHR(x, 3))
#define GAMMA1(x) XOR(XOR(ROR(x, 17), ROR(x, 19)), SHR(x, 10))

/* Eight words of all lanes, from byte `at` on: an 8 by 8 transposition. */
static inline void
load_half(V w[8], const uint8_t *const p[LANES], size_t at)
{
	const V swap = _mm256_broadcastsi128_si256(_mm_setr_epi8(3, 2, 1, 0, 7,
	    6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
	V r[8], t[4];

	for (size_t i = 0; i < 8; i++)
		r[i] = _mm256_shuffle_epi8(_mm256_loadu_si256((const V *)
		    (const void *)(p[i] + at)), swap);
	for (size_t i = 0; i < 8; i += 4) {
		t[0] = _mm256_unpacklo_epi32(r[i], r[i + 1]);
		t[1] = _mm256_unpackhi_epi32(r[i], r[i + 1]);
		t[2] = _mm256_unpacklo_epi32(r[i + 2], r[i + 3]);
		t[3] = _mm256_unpackhi_epi32(r[i + 2], r[i + 3]);
		r[i] = _mm256_unpacklo_epi64(t[0], t[2]);
		r[i + 1] = _mm256_unpackhi_epi64(t[0], t[2]);
		r[i + 2] = _mm256_unpacklo_epi64(t[1], t[3]);
		r[i + 3] = _mm256_unpackhi_epi64(t[1], t[3]);
	}
	for (size_t i = 0; i < 4; i++) {
		w[i] = _mm256_permute2x128_si256(r[i], r[i + 4], 0x20);
		w[i + 4] = _mm256_permute2x128_si256(r[i], r[i + 4], 0x31);
	}
}

static void
hash_compress(uint32_t state[8][LANES], const uint8_t *const p[LANES])
{
	V w[16];

	load_half(w, p, 0);
	load_half(w + 8, p, 32);
	HASH_BODY();
}

void
hash_many_avx2(int prefix, uint8_t (*out)[HASH_LEN], const void *const *p,
    const size_t *len, size_t n)
{
	hash_run(prefix, out, p, len, n);
	_mm256_zeroupper();
}
#else
#include "crypt/hash_many.h"
#endif
