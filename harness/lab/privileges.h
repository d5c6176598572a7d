/* privileges.h - giving them up. */
#ifndef TWPROBE_HARNESS_LAB_PRIVILEGES_H
#define TWPROBE_HARNESS_LAB_PRIVILEGES_H

#include <stdbool.h>

#include "crafter/fail.h"

/* Called once everything that needs privileges is open. Started through sudo: becomes the invoking user (SUDO_UID, SUDO_GID),
 * groups included. Plain root: becomes "nobody". Then clears every capability, bounding set included (libcap-ng), and
 * sets no_new_privs. In a user namespace of our own only the capabilities go. */
int privileges_drop(struct error *error);

/* The same, but CAP_NET_ADMIN stays: for the lab's machine, which sets sysctls. */
int privileges_keep_net_admin(struct error *error);

/* The same, but what removes a file of ours from anybody's folder stays, where it is there: for the process that waits to
 * clean up, and reads nothing. */
int privileges_keep_unlink(struct error *error);

/* Set-uid or set-gid: what the user may not do is lent by the file's mode. Nothing here is made for that. (File
 * capabilities are another thing: with them the user stays who they are.) */
bool privileges_borrowed(void);
/* Made by sudo, a file belongs to the user who typed that. If that fails, it stays root's, which is not an error. */
void privileges_give_file(int file);

/* A socket belongs from now on to whom privileges_drop() will make this process: only sockets of one owner share a port
 * (SO_REUSEPORT, inet_csk_bind_conflict()). If that fails, it stays ours, which is not an error. */
void privileges_give_socket(int socket);

/* Says in words what is missing for raw sockets here, or NULL when nothing is. */
const char *privileges_missing(void);

#endif
