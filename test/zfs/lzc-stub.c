/*
 * Libraries that record what they are called with, for lzc-versions.test.ts. With -DNVPAIR it is libnvpair, else
 * libzfs_core: as of 2.1 with few symbols, with -DLATER as of the release after 2.4, whose lzc_initialize is another.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct packed {
	size_t size;
	unsigned char bytes[];
};

#ifdef NVPAIR
int
nvlist_unpack(char *bytes, size_t size, void **out, int flag)
{
	struct packed *list = malloc(sizeof (*list) + size);

	(void) flag;
	list->size = size;
	memcpy(list->bytes, bytes, size);
	*out = list;
	return (0);
}

void
nvlist_free(void *list)
{
	free(list);
}
#else
/* One line for each call: the name and what it was given. */
static void
record(const char *format, ...)
{
	FILE *file = fopen(getenv("GAOLER_STUB_RECORD"), "a");
	__builtin_va_list args;

	__builtin_va_start(args, format);
	vfprintf(file, format, args);
	__builtin_va_end(args);
	fputc('\n', file);
	fclose(file);
}

static const char *
text(const char *value)
{
	return (value ? value : "NULL");
}

static int
size(struct packed *list)
{
	return (list ? (int)list->size : -1);
}

int
libzfs_core_init(void)
{
	return (0);
}

int
lzc_exists(const char *name)
{
	(void) name;
	return (1);
}

int
lzc_send(const char *snapshot, const char *from, int fd, int flags)
{
	record("lzc_send %s %s %d %d", snapshot, text(from), fd, flags);
	return (0);
}

int
lzc_receive_with_cmdprops(const char *snapshot, struct packed *props, struct packed *cmdprops, uint8_t *key,
    unsigned key_length, const char *origin, int force, int resumable, int raw, int fd, const unsigned char *begin,
    int cleanup_fd, uint64_t *read_bytes, uint64_t *errflags, uint64_t *action, struct packed **errors)
{
	record("lzc_receive_with_cmdprops %s %d %d %d %u %s %d %d %d %d %d %d %d", snapshot, size(props),
	    size(cmdprops), key ? key[31] : -1, key_length, text(origin), force, resumable, raw, fd, begin[311],
	    cleanup_fd, *errors == NULL && *action == 0);
	*read_bytes = 1ULL << 63;
	*errflags = 2;
	return (0);
}

#ifdef LATER
int
lzc_initialize(const char *pool, int command, uint64_t value, int given, struct packed *vdevs, struct packed **errors)
{
	record("lzc_initialize %s %d %llu %d %d %d", pool, command, (unsigned long long)value, given, size(vdevs),
	    *errors == NULL);
	return (0);
}

int
lzc_send_progress(const char *snapshot, int fd, uint64_t *bytes, uint64_t *blocks)
{
	record("lzc_send_progress %s %d", snapshot, fd);
	*bytes = 5000000000;
	*blocks = 7;
	return (0);
}

int
lzc_condense(void)
{
	return (0);
}
#else
int
lzc_initialize(const char *pool, int command, struct packed *vdevs, struct packed **errors)
{
	record("lzc_initialize %s %d %d %d", pool, command, size(vdevs), *errors == NULL);
	return (0);
}
#endif
#endif
