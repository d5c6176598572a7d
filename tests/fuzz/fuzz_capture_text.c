/* fuzz_capture_text.c - libFuzzer: any bytes as the text of a capture, from the lines to the last encounter. The first byte
 * says whether a filter gets the packets that are made of it. */
#include "tests/fuzz/diagnosed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size)
		diagnosed_file(data + 1, size - 1, true, data[0] & 1 ? "tcp port 80" : NULL);
	return 0;
}
