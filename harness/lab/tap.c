/* tap.c - /dev/net/tun, and the device's counters in /proc/net/dev. */
#include "harness/lab/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/lab/proc_file.h"

#define NODE "/dev/net/tun"
enum { PROC_SIZE = 4096 };

struct tap_losses {
	int file;
	char name[IF_NAMESIZE];
};

static int open_node(struct error *error)
{
	int file = open(NODE, O_RDWR | O_CLOEXEC), number = errno;

	if (file >= 0)
		return file;
	if (number == EACCES)
		return fail(error, "cannot make a tap device: %s is not this user's to open; run it as root, or let the "
			    "node's mode allow it (chmod 666 %s)", NODE, NODE);
	if (number == ENOENT || number == ENODEV || number == ENXIO)
		return fail(error, "cannot make a tap device: there is no %s here (%s); load the module tun (modprobe tun), or "
			    "give the container the device", NODE, strerror(number));
	return fail(error, "cannot make a tap device: %s: %s", NODE, strerror(number));
}

int tap_make(const char *name, struct error *error)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int file = open_node(error), result = 0;

	if (file < 0)
		return -1;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(file, TUNSETIFF, &request) < 0 || ioctl(file, TUNSETPERSIST, 1) < 0)
		result = fail(error, "cannot make the tap device %s: %s", name, strerror(errno));
	close(file);
	return result;
}

bool tap_is_open(const char *name)
{
	struct ifreq request = { .ifr_flags = 0 };
	int socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool open = false;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (socket_fd >= 0) {
		open = ioctl(socket_fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_RUNNING);
		close(socket_fd);
	}
	return open;
}

/* That of this process's namespace; /proc/net would be the same, as long as /proc is. */
struct tap_losses *tap_losses_open(const char *name, struct error *error)
{
	struct tap_losses *losses = calloc(1, sizeof(*losses));

	if (!losses) {
		fail(error, "out of memory");
		return NULL;
	}
	snprintf(losses->name, sizeof(losses->name), "%s", name);
	losses->file = open("/proc/self/net/dev", O_RDONLY | O_CLOEXEC);
	if (losses->file >= 0)
		return losses;
	fail(error, "/proc/self/net/dev: %s", strerror(errno));
	free(losses);
	return NULL;
}

/* "tap0: " and eight numbers of what came from it, then those of what went to it: bytes, packets, errors, drops. */
int tap_losses_read(struct tap_losses *losses, uint64_t *lost, struct error *error)
{
	char text[PROC_SIZE], wanted[IF_NAMESIZE + 2];
	unsigned long long errors, drops;
	const char *line;

	if (proc_file_read(losses->file, "/proc/net/dev", text, sizeof(text), error) < 0)
		return -1;
	snprintf(wanted, sizeof(wanted), "%s:", losses->name);
	line = strstr(text, wanted);
	if (!line || sscanf(line + strlen(wanted), "%*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %llu %llu", &errors, &drops) != 2)
		return fail(error, "/proc/net/dev does not tell of %s", losses->name);
	*lost = errors + drops;
	return 0;
}

void tap_losses_close(struct tap_losses *losses)
{
	if (!losses)
		return;
	close(losses->file);
	free(losses);
}
