/* headers.h - how long the headers on the wire are without options, and what a segment may carry because of them. */
#ifndef TWPROBE_CRAFTER_HEADERS_H
#define TWPROBE_CRAFTER_HEADERS_H

enum {
	IPV4_HEADER_SIZE = 20, /* RFC 791 3.1 */
	IPV6_HEADER_SIZE = 40, /* RFC 8200 3 */
	TCP_HEADER_SIZE = 20,  /* RFC 9293 3.1 */
	ICMP_HEADER_SIZE = 8,  /* RFC 792, RFC 4443 2.1: up to what an error quotes */
	ETHERNET_MTU = 1500,   /* RFC 894 */
};

#endif
