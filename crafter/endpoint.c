/* endpoint.c - endpoints: comparing, text, the socket API. */
#include "crafter/endpoint.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "crafter/textbuf.h"

const char *endpoint_format(const struct endpoint *endpoint, char *buffer, size_t size)
{
	char text[ADDRESS_TEXT_SIZE];
	bool brackets = endpoint->address.family == 6;
	struct textbuf out;

	textbuf_init(&out, buffer, size);
	textbuf_add(&out, "%s%s%s:%u", brackets ? "[" : "", address_format(&endpoint->address, text, sizeof(text)),
		    brackets ? "]" : "", (unsigned)endpoint->port);
	return buffer;
}

size_t endpoint_to_sockaddr(const struct endpoint *endpoint, struct sockaddr_storage *storage)
{
	struct sockaddr_in *in = (struct sockaddr_in *)storage;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)storage;

	memset(storage, 0, sizeof(*storage));
	if (endpoint->address.family == 4) {
		in->sin_family = AF_INET;
		in->sin_port = htons(endpoint->port);
		memcpy(&in->sin_addr, endpoint->address.bytes, sizeof(in->sin_addr));
		return sizeof(*in);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(endpoint->port);
	in6->sin6_scope_id = endpoint->address.scope;
	memcpy(&in6->sin6_addr, endpoint->address.bytes, sizeof(in6->sin6_addr));
	return sizeof(*in6);
}

int endpoint_from_sockaddr(const struct sockaddr *sockaddr, struct endpoint *endpoint)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	memset(endpoint, 0, sizeof(*endpoint));
	if (sockaddr->sa_family == AF_INET) {
		memcpy(&in, sockaddr, sizeof(in));
		endpoint->address.family = 4;
		endpoint->port = ntohs(in.sin_port);
		memcpy(endpoint->address.bytes, &in.sin_addr, sizeof(in.sin_addr));
		return 0;
	}
	if (sockaddr->sa_family == AF_INET6) {
		memcpy(&in6, sockaddr, sizeof(in6));
		endpoint->address.family = 6;
		endpoint->address.scope = in6.sin6_scope_id;
		endpoint->port = ntohs(in6.sin6_port);
		memcpy(endpoint->address.bytes, &in6.sin6_addr, sizeof(in6.sin6_addr));
		return 0;
	}
	return -1;
}
