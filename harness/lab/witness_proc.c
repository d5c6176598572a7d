/* witness_proc.c - finding one socket in the text of /proc/net/tcp and /proc/net/tcp6. */
#include "harness/lab/witness_proc.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_SIZE = 1 << 16, TICKS_MS = 10 /* USER_HZ is 100 everywhere */ };

struct witness_proc {
	int files[2]; /* IPv4, IPv6; -1: this kernel has none */
	char *text;
	size_t size;
};

/* Words of eight digits, each the four bytes of the address in this machine's order. */
static const char *read_endpoint(const char *text, uint8_t family, struct endpoint *endpoint)
{
	size_t words = family == 6 ? 4 : 1;
	uint32_t word;
	unsigned port;
	int used;

	memset(endpoint, 0, sizeof(*endpoint));
	endpoint->address.family = family;
	for (size_t i = 0; i < words; i++, text += 8) {
		if (strspn(text, "0123456789ABCDEFabcdef") < 8 || sscanf(text, "%8" SCNx32, &word) != 1)
			return NULL;
		memcpy(endpoint->address.bytes + 4 * i, &word, 4);
	}
	if (sscanf(text, ":%4x%n", &port, &used) != 1)
		return NULL;
	endpoint->port = (uint16_t)port;
	return text + used;
}

/* A socket of IPv6 that speaks IPv4 (the wildcard's) is listed with ::ffff:a.b.c.d. */
static void unmap(struct address *address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	uint8_t ipv4[4];

	if (address->family != 6 || memcmp(address->bytes, mapped, sizeof(mapped)))
		return;
	memcpy(ipv4, address->bytes + 12, sizeof(ipv4));
	memset(address, 0, sizeof(*address));
	address->family = 4;
	memcpy(address->bytes, ipv4, sizeof(ipv4));
}

bool witness_proc_line(const char *line, uint8_t family, struct kernel_socket *socket)
{
	struct sighting *sighting = &socket->sighting;
	uint32_t state, timer;
	uint64_t ticks;
	int slot, used = 0;

	memset(socket, 0, sizeof(*socket));
	if (sscanf(line, " %d: %n", &slot, &used) != 1 || !used)
		return false;
	line = read_endpoint(line + used, family, &socket->pair.subject);
	if (!line || *line++ != ' ')
		return false;
	line = read_endpoint(line, family, &socket->pair.crafted);
	if (!line || sscanf(line, " %2" SCNx32 " %8" SCNx32 ":%8" SCNx32 " %2" SCNx32 ":%" SCNx64 " %" SCNx8
			    " %*u %*d %" SCNu32, &state, &sighting->send_queue, &sighting->recv_queue,
			    &timer, &ticks, &sighting->retransmits, &sighting->inode) != 7)
		return false;
	unmap(&socket->pair.subject.address);
	unmap(&socket->pair.crafted.address);
	socket->kernel_state = (uint8_t)state;
	sighting->timer = (uint8_t)timer;
	sighting->expires_ms = (uint32_t)(ticks * TICKS_MS);
	return true;
}

struct witness_proc *witness_proc_open(struct error *error)
{
	struct witness_proc *proc = calloc(1, sizeof(*proc));

	if (proc) {
		proc->files[0] = open("/proc/net/tcp", O_RDONLY | O_CLOEXEC);
		proc->files[1] = open("/proc/net/tcp6", O_RDONLY | O_CLOEXEC);
		proc->text = malloc(FIRST_SIZE);
		proc->size = FIRST_SIZE;
	}
	if (proc && proc->files[0] >= 0 && proc->text)
		return proc;
	if (!proc || !proc->text)
		fail(error, "out of memory");
	else
		fail(error, "cannot read /proc/net/tcp: %s", strerror(errno));
	witness_proc_close(proc);
	return NULL;
}

/* The whole file into proc->text, ended by a zero. */
static int read_whole(struct witness_proc *proc, int file, struct error *error)
{
	size_t length = 0;
	ssize_t got;
	char *text;

	if (lseek(file, 0, SEEK_SET) < 0)
		return fail(error, "cannot read the table of sockets: %s", strerror(errno));
	while ((got = read(file, proc->text + length, proc->size - length - 1))) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(error, "cannot read the table of sockets: %s", strerror(errno));
		length += (size_t)got;
		if (length + 1 < proc->size)
			continue;
		text = realloc(proc->text, proc->size * 2);
		if (!text)
			return fail(error, "out of memory");
		proc->text = text;
		proc->size *= 2;
	}
	proc->text[length] = '\0';
	return 0;
}

static bool wanted(const struct pair *pair, const struct kernel_socket *socket)
{
	const struct address *bound = &socket->pair.subject.address;

	if (pair->crafted.port) /* no scope is listed */
		return socket->pair.crafted.port == pair->crafted.port &&
		       socket->pair.subject.port == pair->subject.port &&
		       bound->family == pair->subject.address.family &&
		       !memcmp(bound->bytes, pair->subject.address.bytes, 16) &&
		       !memcmp(socket->pair.crafted.address.bytes, pair->crafted.address.bytes, 16);
	return !socket->pair.crafted.port && socket->pair.subject.port == pair->subject.port &&
	       (address_is_unspecified(bound) || !memcmp(bound->bytes, pair->subject.address.bytes, 16));
}

int witness_proc_find(struct witness_proc *proc, const struct pair *pair, struct kernel_socket *socket,
		      struct error *error)
{
	for (int i = 0; i < 2; i++) {
		if (proc->files[i] < 0)
			continue;
		if (read_whole(proc, proc->files[i], error))
			return -1;
		for (char *line = proc->text, *end; (end = strchr(line, '\n')); line = end + 1) {
			*end = '\0';
			if (witness_proc_line(line, i ? 6 : 4, socket) && wanted(pair, socket))
				return 1;
		}
	}
	return 0;
}

void witness_proc_close(struct witness_proc *proc)
{
	if (!proc)
		return;
	for (int i = 0; i < 2; i++)
		if (proc->files[i] >= 0)
			close(proc->files[i]);
	free(proc->text);
	free(proc);
}
