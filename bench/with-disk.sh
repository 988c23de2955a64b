#!/usr/bin/env bash
# Runs a command with a fresh ext4 of its own in RGOV_BENCH_DIR, such as: bench/with-disk.sh npm run bench -- cold-start
# The disk is a sparse file of 8 GiB with four million inodes, made in RGOV_BENCH_IMAGES (/var/tmp) and removed at the end.
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: bench/with-disk.sh COMMAND [ARGUMENT ...]" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "bench/with-disk.sh: only root can mount a file system" >&2; exit 1; }
place=$(mktemp -d "${RGOV_BENCH_IMAGES:-/var/tmp}/rgov-disk-XXXXXX")
# Servers that are measured run as users of their own.
chmod 711 "$place"
free_kib=$(df --output=avail -k "$place" | tail -1)
clean() {
  if mountpoint -q "$place/mounted"; then umount "$place/mounted" || umount -l "$place/mounted"; fi
  rm -rf "$place"
}
trap clean EXIT
trap 'exit 130' INT TERM
if [ "$free_kib" -lt $((9 * 1024 * 1024)) ]; then
  echo "bench/with-disk.sh: 9 GiB must be free in ${RGOV_BENCH_IMAGES:-/var/tmp}" >&2
  exit 1
fi
truncate -s 8G "$place/image"
mkfs.ext4 -q -F -m 0 -N 4000000 "$place/image"
mkdir "$place/mounted"
mount -o loop "$place/image" "$place/mounted"
RGOV_BENCH_DIR="$place/mounted" "$@"
