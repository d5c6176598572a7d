/* fuzz_capture.c - libFuzzer: any bytes as a capture file, from the reader to the last encounter. */
#include "tests/fuzz/diagnosed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	diagnosed_file(data, size, false, NULL);
	return 0;
}
