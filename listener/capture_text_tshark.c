/* capture_text_tshark.c - lines of tshark and Wireshark's list: "1 0.0 A > B TCP 74 1234 > 80 [SYN] Seq=0 ...". */
#include "listener/capture_text_internal.h"

#include <string.h>

bool capture_text_is_tshark(const char *line)
{
	(void)line;
	return false;
}

bool capture_text_goes_on(const char *line)
{
	return *line == '<';
}

enum text_result capture_text_tshark(const char *text, struct text_packet *packet, struct text_reader *reader)
{
	(void)text; (void)packet; (void)reader;
	return TEXT_NOTHING;
}
