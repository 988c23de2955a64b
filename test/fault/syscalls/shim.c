/*
 * Preloaded into one process (ld.so(8), LD_PRELOAD): counts its file-system calls on paths at and below one folder, over
 * all threads, writes each one down, and makes the n-th of them fail in one way.
 *
 *   RGOV_FAULT_BELOW  the folder, absolute
 *   RGOV_FAULT_LOG    file that gets one line a call: number, call, path, second path, result, errno, bytes, what was done to it
 *   RGOV_FAULT_AT     number of the call that fails, counted from 1; 0 for none
 *   RGOV_FAULT_DO     errno:<n> (not done, fails), late:<n> (done, and reported as failed), short (half of the bytes),
 *                     short-full (half of the bytes, and the next write to that file fails once with ENOSPC: libuv goes on
 *                     after a short write by itself, and tells the program only if that fails),
 *                     kill-before, kill-after (SIGKILL for the whole process)
 *
 * These are the symbols that libuv and Node call on Linux; stat and lstat are syscall(SYS_statx) there, and closing a file is
 * syscall(SYS_close). What goes out over a socket is no call of the file system: of that only the key of each message is
 * written down, for the order of things.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_FD 4096
#define REAL(name) ((__typeof__(&name))resolve(#name, (void **)&real_##name))
#define WRAPS(name) static void *real_##name

static void *resolve(const char *name, void **kept) {
  if (*kept == NULL) *kept = dlsym(RTLD_NEXT, name);
  return *kept;
}

WRAPS(write);
WRAPS(syscall);

enum fault { NONE, FAILS, LATE, SHORT, KILL_BEFORE, KILL_AFTER, SHORT_FULL };

static char below[PATH_MAX];
static size_t below_length;
static int log_fd = -1;
static long fault_at;
static enum fault fault_kind;
static int fault_errno;
static atomic_long calls;
/* What a descriptor below the folder was opened as; NULL for every other one. */
static char *_Atomic path_of[MAX_FD];

__attribute__((constructor)) static void begin(void) {
  const char *folder = getenv("RGOV_FAULT_BELOW"), *log = getenv("RGOV_FAULT_LOG");
  const char *at = getenv("RGOV_FAULT_AT"), *what = getenv("RGOV_FAULT_DO");
  if (folder == NULL || log == NULL) return;
  snprintf(below, sizeof below, "%s", folder);
  below_length = strlen(below);
  fault_at = at ? atol(at) : 0;
  if (what != NULL) {
    if (sscanf(what, "errno:%d", &fault_errno) == 1) fault_kind = FAILS;
    else if (sscanf(what, "late:%d", &fault_errno) == 1) fault_kind = LATE;
    else if (strcmp(what, "short") == 0) fault_kind = SHORT;
    else if (strcmp(what, "short-full") == 0) fault_kind = SHORT_FULL;
    else if (strcmp(what, "kill-before") == 0) fault_kind = KILL_BEFORE;
    else if (strcmp(what, "kill-after") == 0) fault_kind = KILL_AFTER;
    else abort();
  }
  int fd = (int)((long (*)(long, ...))resolve("syscall", &real_syscall))(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) abort();
  /* Out of the way of the numbers that the program gets. */
  log_fd = fcntl(fd, F_DUPFD_CLOEXEC, 1000);
  ((long (*)(long, ...))resolve("syscall", &real_syscall))(SYS_close, fd);
  /* Whatever this process starts runs as it always does. */
  unsetenv("LD_PRELOAD");
  unsetenv("RGOV_FAULT_BELOW");
  unsetenv("RGOV_FAULT_LOG");
  unsetenv("RGOV_FAULT_AT");
  unsetenv("RGOV_FAULT_DO");
}

static int is_below(const char *path) {
  if (log_fd < 0 || path == NULL || strncmp(path, below, below_length) != 0) return 0;
  return path[below_length] == '/' || path[below_length] == '\0';
}

static const char *path_of_fd(int fd) { return fd >= 0 && fd < MAX_FD ? path_of[fd] : NULL; }

static void remember(int fd, const char *path) {
  if (fd >= 0 && fd < MAX_FD) path_of[fd] = strdup(path);
}

static const char *shown(const char *path) {
  if (path == NULL) return "-";
  if (!is_below(path)) return path;
  return path[below_length] == '\0' ? "." : path + below_length + 1;
}

static void note(long n, const char *call, const char *path, const char *other, long result, int error, size_t bytes, const char *done) {
  char line[3 * PATH_MAX];
  int length = snprintf(line, sizeof line, "%ld\t%s\t%s\t%s\t%ld\t%d\t%zu\t%s\n", n, call, shown(path), shown(other), result, error, bytes, done);
  if (length > 0) ((__typeof__(&write))resolve("write", &real_write))(log_fd, line, (size_t)length);
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* One call: its number, and what becomes of it. */
struct call {
  long n;
  enum fault fault;
};

static struct call begin_call(const char *name, const char *path, const char *other, size_t bytes) {
  struct call call = {atomic_fetch_add(&calls, 1) + 1, NONE};
  if (call.n == fault_at) call.fault = fault_kind;
  if (call.fault == KILL_BEFORE) {
    note(call.n, name, path, other, 0, 0, bytes, "killed before");
    die();
  }
  return call;
}

static long end_call(struct call call, const char *name, const char *path, const char *other, long result, size_t bytes) {
  static const char *const DONE[] = {"", "failed", "done, said to have failed", "short", "", "killed after", "short, then full"};
  int error = result < 0 ? errno : 0;
  if (call.fault == LATE && result >= 0) {
    result = -1;
    error = fault_errno;
  }
  note(call.n, name, path, other, result, error, bytes, DONE[call.fault]);
  if (call.fault == KILL_AFTER) die();
  if (result < 0) errno = error;
  return result;
}

/* `doing` is not evaluated where the call is to fail without being done. */
#define CALL(name, path, other, bytes, doing)                                        \
  ({                                                                                 \
    struct call call_ = begin_call(name, path, other, bytes);                        \
    long result_ = call_.fault == FAILS ? (errno = fault_errno, -1) : (long)(doing); \
    end_call(call_, name, path, other, result_, bytes);                              \
  })

static const char *open_name(int flags) { return flags & O_CREAT ? "create" : flags & O_DIRECTORY ? "open folder" : "open"; }

WRAPS(open64);
WRAPS(close);
static int open_below(const char *path, int flags, mode_t mode) {
  int fd = -1;
  int result = (int)CALL(open_name(flags), path, NULL, 0, fd = REAL(open64)(path, flags, mode));
  if (result >= 0) remember(fd, path);
  else if (fd >= 0) REAL(close)(fd);
  return result;
}

#define MODE_OF(flags)                            \
  mode_t mode = 0;                                \
  if ((flags) & (O_CREAT | __O_TMPFILE)) {        \
    va_list rest;                                 \
    va_start(rest, flags);                        \
    mode = (mode_t)va_arg(rest, int);             \
    va_end(rest);                                 \
  }

int open64(const char *path, int flags, ...) {
  MODE_OF(flags)
  return is_below(path) ? open_below(path, flags, mode) : REAL(open64)(path, flags, mode);
}

int open(const char *path, int flags, ...) {
  MODE_OF(flags)
  return is_below(path) ? open_below(path, flags, mode) : REAL(open64)(path, flags, mode);
}

static int close_below(int fd, const char *path, int (*doing)(int)) {
  /* Even where it fails, Linux lets go of the descriptor (close(2)). */
  path_of[fd] = NULL;
  struct call call = begin_call("close", path, NULL, 0);
  int result = doing(fd);
  if (call.fault == FAILS && result == 0) call.fault = LATE;
  return (int)end_call(call, "close", path, NULL, result, 0);
}

int close(int fd) {
  const char *path = path_of_fd(fd);
  return path == NULL ? REAL(close)(fd) : close_below(fd, path, REAL(close));
}

/* A descriptor whose next write fails for want of room; -1 for none. */
static atomic_int full_fd = -1;

static size_t half_if_short(struct call call, int fd, size_t count) {
  if ((call.fault != SHORT && call.fault != SHORT_FULL) || count < 2) return count;
  if (call.fault == SHORT_FULL) full_fd = fd;
  return count / 2;
}

static int is_full(const char *name, int fd) {
  int expected = fd;
  return strcmp(name, "write") == 0 && atomic_compare_exchange_strong(&full_fd, &expected, -1);
}

#define TRANSFER(name, fd, count, doing)                                              \
  ({                                                                                  \
    const char *path_ = path_of_fd(fd);                                               \
    struct call call_ = begin_call(name, path_, NULL, count);                         \
    int full_ = is_full(name, fd);                                                    \
    size_t part = half_if_short(call_, fd, count);                                    \
    long result_ = full_                   ? (errno = ENOSPC, -1)                     \
                   : call_.fault == FAILS ? (errno = fault_errno, -1)                 \
                                          : (long)(doing);                            \
    end_call(call_, name, path_, NULL, result_, count);                               \
  })

/* The key of a message of the webhook sender, where these bytes begin one. */
static void note_message(const void *bytes, size_t length) {
  static const char HEADER[] = "webhook-id: ";
  if (log_fd < 0 || length < 64) return;
  const char *found = memmem(bytes, length < 8192 ? length : 8192, HEADER, sizeof HEADER - 1);
  if (found == NULL) return;
  char key[256];
  size_t n = 0;
  for (found += sizeof HEADER - 1; found < (const char *)bytes + length && *found > ' ' && n < sizeof key - 1; found++) key[n++] = *found;
  key[n] = '\0';
  note(0, "message", NULL, NULL, 0, 0, 0, key);
}

ssize_t write(int fd, const void *bytes, size_t count) {
  if (path_of_fd(fd)) return TRANSFER("write", fd, count, REAL(write)(fd, bytes, part));
  note_message(bytes, count);
  return REAL(write)(fd, bytes, count);
}

WRAPS(pwrite64);
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
  return path_of_fd(fd) ? TRANSFER("write", fd, count, REAL(pwrite64)(fd, bytes, part, at)) : REAL(pwrite64)(fd, bytes, count, at);
}

WRAPS(read);
ssize_t read(int fd, void *bytes, size_t count) {
  return path_of_fd(fd) ? TRANSFER("read", fd, count, REAL(read)(fd, bytes, part)) : REAL(read)(fd, bytes, count);
}

WRAPS(pread64);
ssize_t pread64(int fd, void *bytes, size_t count, off64_t at) {
  return path_of_fd(fd) ? TRANSFER("read", fd, count, REAL(pread64)(fd, bytes, part, at)) : REAL(pread64)(fd, bytes, count, at);
}

static size_t bytes_of(const struct iovec *parts, int count) {
  size_t sum = 0;
  for (int i = 0; i < count; i++) sum += parts[i].iov_len;
  return sum;
}

/* Half of several parts is the first half of the first one. */
#define SCATTERED(name, fd, parts, count, whole, first)                                                             \
  TRANSFER(name, fd, bytes_of(parts, count), part < bytes_of(parts, count) ? ({ part = (parts)[0].iov_len / 2; first; }) : whole)

WRAPS(writev);
ssize_t writev(int fd, const struct iovec *parts, int count) {
  if (path_of_fd(fd)) return SCATTERED("write", fd, parts, count, REAL(writev)(fd, parts, count), REAL(write)(fd, parts[0].iov_base, part));
  for (int i = 0; i < count; i++) note_message(parts[i].iov_base, parts[i].iov_len);
  return REAL(writev)(fd, parts, count);
}

WRAPS(pwritev64);
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) {
  if (path_of_fd(fd) == NULL) return REAL(pwritev64)(fd, parts, count, at);
  return SCATTERED("write", fd, parts, count, REAL(pwritev64)(fd, parts, count, at), REAL(pwrite64)(fd, parts[0].iov_base, part, at));
}

WRAPS(readv);
ssize_t readv(int fd, const struct iovec *parts, int count) {
  if (path_of_fd(fd) == NULL) return REAL(readv)(fd, parts, count);
  return SCATTERED("read", fd, parts, count, REAL(readv)(fd, parts, count), REAL(read)(fd, parts[0].iov_base, part));
}

WRAPS(preadv64);
ssize_t preadv64(int fd, const struct iovec *parts, int count, off64_t at) {
  if (path_of_fd(fd) == NULL) return REAL(preadv64)(fd, parts, count, at);
  return SCATTERED("read", fd, parts, count, REAL(preadv64)(fd, parts, count, at), REAL(pread64)(fd, parts[0].iov_base, part, at));
}

WRAPS(sendmsg);
ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  for (size_t i = 0; i < message->msg_iovlen; i++) note_message(message->msg_iov[i].iov_base, message->msg_iov[i].iov_len);
  return REAL(sendmsg)(fd, message, flags);
}

#define ON_FD(type, symbol, name, parameters, arguments)                            \
  WRAPS(symbol);                                                                    \
  type symbol parameters {                                                          \
    const char *path = path_of_fd(fd);                                              \
    if (path == NULL) return REAL(symbol) arguments;                                \
    return (type)CALL(name, path, NULL, 0, REAL(symbol) arguments);                 \
  }

ON_FD(int, fsync, "fsync", (int fd), (fd))
ON_FD(int, fdatasync, "fsync", (int fd), (fd))
ON_FD(int, ftruncate64, "truncate", (int fd, off64_t length), (fd, length))
ON_FD(int, fchmod, "chmod", (int fd, mode_t mode), (fd, mode))
ON_FD(int, fchown, "chown", (int fd, uid_t user, gid_t group), (fd, user, group))
ON_FD(int, futimens, "utimes", (int fd, const struct timespec times[2]), (fd, times))

#define ON_PATH(type, symbol, name, parameters, arguments)                          \
  WRAPS(symbol);                                                                    \
  type symbol parameters {                                                          \
    if (!is_below(path)) return REAL(symbol) arguments;                             \
    return (type)CALL(name, path, NULL, 0, REAL(symbol) arguments);                 \
  }

ON_PATH(int, unlink, "unlink", (const char *path), (path))
ON_PATH(int, rmdir, "rmdir", (const char *path), (path))
ON_PATH(int, mkdir, "mkdir", (const char *path, mode_t mode), (path, mode))
ON_PATH(int, chmod, "chmod", (const char *path, mode_t mode), (path, mode))
ON_PATH(int, chown, "chown", (const char *path, uid_t user, gid_t group), (path, user, group))
ON_PATH(int, lchown, "chown", (const char *path, uid_t user, gid_t group), (path, user, group))
ON_PATH(int, access, "access", (const char *path, int mode), (path, mode))
ON_PATH(ssize_t, readlink, "readlink", (const char *path, char *buffer, size_t size), (path, buffer, size))

WRAPS(utimensat);
int utimensat(int at, const char *path, const struct timespec times[2], int flags) {
  if (!is_below(path)) return REAL(utimensat)(at, path, times, flags);
  return (int)CALL("utimes", path, NULL, 0, REAL(utimensat)(at, path, times, flags));
}

/* `list` gives what it found only where it succeeded. */
WRAPS(scandir64);
int scandir64(const char *path, struct dirent64 ***list, int (*filter)(const struct dirent64 *), int (*compare)(const struct dirent64 **, const struct dirent64 **)) {
  if (!is_below(path)) return REAL(scandir64)(path, list, filter, compare);
  return (int)CALL("readdir", path, NULL, 0, REAL(scandir64)(path, list, filter, compare));
}

WRAPS(opendir);
DIR *opendir(const char *path) {
  if (!is_below(path)) return REAL(opendir)(path);
  DIR *folder = NULL;
  long result = CALL("readdir", path, NULL, 0, (folder = REAL(opendir)(path)) == NULL ? -1 : 0);
  return result < 0 ? NULL : folder;
}

#define ON_TWO(symbol, name, first, second)                                         \
  WRAPS(symbol);                                                                    \
  int symbol(const char *first, const char *second) {                               \
    if (!is_below(first) && !is_below(second)) return REAL(symbol)(first, second);  \
    return (int)CALL(name, first, second, 0, REAL(symbol)(first, second));          \
  }

ON_TWO(link, "link", from, to)
ON_TWO(rename, "rename", from, to)
ON_TWO(symlink, "symlink", says, path)

WRAPS(realpath);
char *realpath(const char *path, char *buffer) {
  if (!is_below(path)) return REAL(realpath)(path, buffer);
  char *found = NULL;
  long result = CALL("stat", path, NULL, 0, (found = REAL(realpath)(path, buffer)) == NULL ? -1 : 0);
  return result < 0 ? NULL : found;
}

/* Variadic in name only: six words at most, which are passed on as they are. */
long syscall(long number, ...) {
  va_list rest;
  va_start(rest, number);
  long a = va_arg(rest, long), b = va_arg(rest, long), c = va_arg(rest, long);
  long d = va_arg(rest, long), e = va_arg(rest, long), f = va_arg(rest, long);
  va_end(rest);
  long (*real)(long, ...) = (long (*)(long, ...))resolve("syscall", &real_syscall);
  if (number == SYS_close && path_of_fd((int)a) != NULL) return close((int)a);
  if (number != SYS_statx) return real(number, a, b, c, d, e, f);
  const char *path = (const char *)b;
  if (path != NULL && path[0] == '\0') path = path_of_fd((int)a);
  if (path == NULL || !is_below(path)) return real(number, a, b, c, d, e, f);
  return CALL("stat", path, NULL, 0, real(number, a, b, c, d, e, f));
}
