/* dbus.c - for a static build: libpcap can listen to D-Bus as well, and names these functions, which nobody calls unless somebody
 * asks for that. Debian has no static libsystemd, without which there is no static libdbus. */
#include <stddef.h>

/* As libdbus begins its own. */
struct dbus_error {
	const char *name, *message;
};

void *dbus_bus_get(int bus, struct dbus_error *error);
void *dbus_bus_get(int bus, struct dbus_error *error)
{
	(void)bus;
	error->name = "none";
	error->message = "there is no D-Bus in a static twprobe";
	return NULL;
}

void *dbus_connection_open(const char *address, struct dbus_error *error);
void *dbus_connection_open(const char *address, struct dbus_error *error)
{
	(void)address;
	return dbus_bus_get(0, error);
}

/* Behind a connection, which there is none of. */
#define NEVER(name) int name(void); int name(void) { return 0; }
NEVER(dbus_bus_add_match)
NEVER(dbus_bus_register)
NEVER(dbus_connection_flush)
NEVER(dbus_connection_pop_message)
NEVER(dbus_connection_read_write)
NEVER(dbus_connection_send)
NEVER(dbus_connection_set_max_received_size)
NEVER(dbus_connection_unref)
NEVER(dbus_error_free)
NEVER(dbus_error_is_set)
NEVER(dbus_free)
NEVER(dbus_message_demarshal)
NEVER(dbus_message_is_signal)
NEVER(dbus_message_marshal)
NEVER(dbus_message_unref)
