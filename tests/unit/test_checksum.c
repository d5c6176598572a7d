/* test_checksum.c - the sum by words against the one that RFC 1071 section 1 describes, whatever length and alignment. */
#include <stdint.h>
#include <stdlib.h>

#include "crafter/checksum.h"

#include "tests/unit/suite.h"

enum { LONGEST = 100, SHIFTS = 8, ADDRESSES = 8, FILLS = 3, PROTOCOL = 6 };

/* Sixteen bits at a time, the carry added at once. */
static uint32_t plain(uint32_t sum, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

/* Zeros, ones (each word has a carry), and anything. */
static uint8_t fill(int how)
{
	return how == 0 ? 0 : how == 1 ? 0xff : (uint8_t)rand();
}

START_TEST(any_length)
{
	uint8_t bytes[SHIFTS + ADDRESSES + LONGEST];
	uint32_t pseudo;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = fill(_i);
	for (size_t shift = 0; shift < SHIFTS; shift++) {
		const uint8_t *at = bytes + shift;

		for (uint32_t size = 0; size <= LONGEST; size++) {
			pseudo = plain(PROTOCOL + size, at, ADDRESSES);
			ck_assert_uint_eq(checksum_header(at, size), (uint16_t)~plain(0, at, size));
			ck_assert_uint_eq(checksum_pseudo(at, ADDRESSES, size), pseudo);
			ck_assert_uint_eq(checksum_tcp(at, ADDRESSES, at + ADDRESSES, size),
					  (uint16_t)~plain(pseudo, at + ADDRESSES, size));
		}
	}
}
END_TEST

/* RFC 1071 section 3. */
START_TEST(example)
{
	static const uint8_t bytes[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	ck_assert_uint_eq(checksum_header(bytes, sizeof(bytes)), (uint16_t)~0xddf2u);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, any_length, 0, FILLS);
	tcase_add_test(tcase, example);
	return run_suite("checksum", tcase, NULL);
}
