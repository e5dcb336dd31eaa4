#!/bin/sh
# Process 1 of the guest: builds a root file system that nothing can write through, runs one command in it, powers off.
# LAB_RUN, from the kernel's command line, is the folder shared with the machine: it holds settings (variables and
# share_all), command (what to run), spl.ko and zfs.ko, and gets the exit code in `code`.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

die() {
  echo "lab: $*" >/dev/console
  poweroff_now
}

poweroff_now() {
  busybox poweroff -n -f
  exit 1
}

mount -t proc proc /proc || die 'no /proc'
[ -c /dev/tty1 ] || mount -t devtmpfs devtmpfs /dev || die 'no /dev'
. "$LAB_RUN/settings"

# hostfs is writable: the overlay is what protects the machine.
mount -t tmpfs -o mode=755,size=75% tmpfs /mnt || die 'no tmpfs'
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/root || die 'no overlay'
cd /mnt/root || die 'no root'
mount --move /proc proc
mount --move /dev dev
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mkdir -p run/lab/host run/lab/old run/lock
# A chroot would forbid user namespaces to the command.
pivot_root . run/lab/old || die 'pivot_root failed'
cd /
mount --bind "/run/lab/old$LAB_RUN" /run/lab/host || die 'the shared folder cannot be mounted'
share() {
  mkdir -p "$1" && mount --bind "/run/lab/old$1" "$1" || die "$1 cannot be mounted"
}
share_all
umount -l /run/lab/old
mount --make-rprivate /

mkdir -p /dev/pts /dev/shm
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts /dev/pts
ln -sf pts/ptmx /dev/ptmx
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin
ln -s fd/1 /dev/stdout
ln -s fd/2 /dev/stderr
echo '+cpu +io +memory +pids' >/sys/fs/cgroup/cgroup.subtree_control
echo gaoler-lab >/proc/sys/kernel/hostname
# A machine that was never booted has none, and a jail's host is known by it.
[ -s /etc/machine-id ] || tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
ip link set lo up
# On this kernel a fork corrupts the pages of an io_uring, and node begins with one: everything would die sooner or later.
echo 2 >/proc/sys/kernel/io_uring_disabled

insmod /run/lab/host/spl.ko && insmod /run/lab/host/zfs.ko zfs_arc_max=536870912 || die 'the ZFS modules do not load'
# There is no udev in the guest, and a jail with a delegated dataset needs the device.
chmod 0666 /dev/zfs

mkdir -p "$LAB_SCRATCH"
mount -t tmpfs -o mode=1777,size=75% tmpfs "$LAB_SCRATCH"

# Each stream has a console of its own: 1 in, 2 out, 3 err, 4 orders from the machine.
if [ -n "$LAB_TERMINAL" ]; then
  exec 5<>/dev/tty1
  stty -F /dev/tty1 sane rows "$LAB_ROWS" cols "$LAB_COLUMNS"
  run_command() { setsid --ctty sh /run/lab/host/command <>/dev/tty1 >&0 2>&0; }
else
  stty -F /dev/tty2 raw -echo
  stty -F /dev/tty3 raw -echo
  mkfifo /run/lab/out /run/lab/err
  # The command sees pipes, as it would under any other runner, and not terminals.
  cat </run/lab/out >/dev/tty2 & out=$!
  cat </run/lab/err >/dev/tty3 & err=$!
  if [ -n "$LAB_STDIN" ]; then
    # Canonical mode is the only one with an end of file: the machine quotes what is special in it.
    exec 5</dev/tty1
    stty -F /dev/tty1 icanon -echo -isig iexten -ixon -icrnl -inlcr -igncr -istrip -iutf8 lnext ^V eof ^D \
      erase undef kill undef werase undef rprnt undef eol undef eol2 undef
    mkfifo /run/lab/in
    cat <&5 >/run/lab/in 2>/dev/null & in=$!
  else
    ln -s /dev/null /run/lab/in
  fi
  run_command() { setsid sh /run/lab/host/command </run/lab/in >/run/lab/out 2>/run/lab/err; }
fi

# The machine's orders. Their end means that the machine's side is gone: nobody waits for this guest any more.
exec 4<>/dev/tty4
stty -F /dev/tty4 -echo
{
  while read -r order argument; do
    case $order in
      signal)
        until [ -s /run/lab/pid ]; do sleep 0.05; done
        # As a terminal does it: an interrupt is for the whole group, all else for the command alone.
        case $argument in INT | QUIT | HUP) group=- ;; *) group= ;; esac
        kill -s "$argument" -- "$group$(cat /run/lab/pid)"
        ;;
      size) stty -F /dev/tty1 $argument ;;
    esac
  done
  poweroff_now
} <&4 >/dev/null 2>&1 & orders=$!

if [ -n "$LAB_POOL" ]; then
  truncate -s 2G "$LAB_SCRATCH/$LAB_POOL.img"
  zpool create "$LAB_POOL" "$LAB_SCRATCH/$LAB_POOL.img" 2>/dev/tty3 || die "the pool $LAB_POOL cannot be made"
fi

echo ready >&4
run_command
code=$?

if [ -z "$LAB_TERMINAL" ]; then
  # What the command left running must not hold its output open; what it has written is still delivered.
  for process in /proc/[0-9]*; do
    case ${process#/proc/} in 1 | "$out" | "$err" | "$orders") ;; *) kill -9 "${process#/proc/}" 2>/dev/null ;; esac
  done
  wait "$out"
  wait "$err"
  stty -F /dev/tty2 sane
  stty -F /dev/tty3 sane
fi
echo "$code" >/run/lab/host/code
poweroff_now
