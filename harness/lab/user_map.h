/* user_map.h - which user outside the one user of a new user namespace is. */
#ifndef TWPROBE_HARNESS_LAB_USER_MAP_H
#define TWPROBE_HARNESS_LAB_USER_MAP_H

#include <sys/types.h>

/* A user as somebody else than in the namespace. Outside: taken before unshare(2), after which nobody has a number. */
struct user_map {
	uid_t inside_uid, outside_uid;
	gid_t inside_gid, outside_gid;
};

/* Of this process, which is alone in its new user namespace. -1 with errno: the machine refuses. */
int user_map_write(const struct user_map *map);

#endif
