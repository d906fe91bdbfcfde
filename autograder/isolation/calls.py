"""Which system calls a learner's process may make: a list of what NumPy and IPython need.

Whatever is not named here is answered with "function not implemented", so that a system library
falls back to an older call; what a learner might try knowingly with "operation not permitted".
libseccomp knows the numbers for each machine (x86-64, aarch64 ...).
"""

import errno
import tempfile
from functools import cache

FILES = """
    read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 open openat close
    close_range stat fstat lstat newfstatat statx lseek access faccessat faccessat2 readlink
    readlinkat getdents getdents64 dup dup2 dup3 fsync fdatasync truncate ftruncate
    rename renameat renameat2 mkdir mkdirat rmdir unlink unlinkat link linkat symlink symlinkat
    chmod fchmod fchmodat umask getcwd chdir fchdir utime utimes utimensat futimesat fallocate
    fadvise64 copy_file_range sendfile statfs fstatfs pipe pipe2
"""
WAITING = """
    poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait
    epoll_pwait2 eventfd eventfd2 timerfd_create timerfd_settime timerfd_gettime
    socketpair shutdown getsockopt setsockopt getsockname
    getpeername
"""
MEMORY = "brk mmap munmap mremap mprotect madvise mincore msync membarrier"
ITSELF = """
    exit exit_group getpid getppid gettid getuid geteuid getgid getegid getresuid getresgid
    getgroups getpgrp getpgid getsid uname sysinfo getrusage times getrlimit sched_yield
    sched_getaffinity sched_getparam sched_getscheduler getpriority getcpu set_tid_address
    set_robust_list get_robust_list rseq futex arch_prctl capget wait4 waitid getrandom
    restart_syscall
"""
SIGNALS = """
    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigpending rt_sigtimedwait
    sigaltstack kill tgkill tkill alarm setitimer getitimer pause signalfd4
"""
CLOCKS = "clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time"

REFUSED = """
    socket connect bind listen accept accept4 fork vfork execve execveat ptrace
    process_vm_readv process_vm_writev pidfd_open pidfd_getfd pidfd_send_signal mount umount2
    unshare setns chroot pivot_root bpf perf_event_open keyctl add_key request_key userfaultfd
    memfd_create shmget shmat semget msgget mq_open io_uring_setup setrlimit setuid setgid
    setreuid setregid setresuid setresgid setgroups capset chown fchown lchown fchownat mknod
    mknodat setsid setpgid setpriority sched_setaffinity personality sethostname reboot
    init_module finit_module delete_module kexec_load swapon acct open_by_handle_at
    name_to_handle_at seccomp inotify_init1 fanotify_init flock
"""

CLONE_THREAD = 0x10000
# What is harmless of calls that do many things: {name: (which argument says what, its values)}.
# Locks (of fcntl and flock) would let two submissions that run at once talk over a file that both
# can read; F_SETPIPE_SZ takes memory that no limit counts.
HARMLESS = {
    "prctl": (0, (15, 16)),  # PR_SET_NAME and PR_GET_NAME: of a thread
    # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC, F_GETPIPE_SZ, F_GET_SEALS
    "fcntl": (1, (0, 1, 2, 3, 4, 1030, 1032, 1034)),
    # TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
    "ioctl": (1, (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)),
    "prlimit64": (2, (0,)),  # to ask for a limit, not to set one
}
# Where these have their flags. Out-of-band data on local sockets had holes in the kernel, and
# nobody needs it.
FLAGS = {"sendto": 3, "recvfrom": 3, "sendmsg": 2, "recvmsg": 2}
OUT_OF_BAND = 1


@cache
def filter_program() -> bytes:
    """The list as a program for the kernel. Raises RuntimeError where libseccomp is missing."""
    try:
        import pyseccomp as seccomp
    except (ImportError, RuntimeError, OSError) as error:
        raise RuntimeError(f"libseccomp can't be used: {error}") from None
    allowed = " ".join((FILES, WAITING, MEMORY, ITSELF, SIGNALS, CLOCKS)).split()
    made = seccomp.SyscallFilter(seccomp.ERRNO(errno.ENOSYS))
    denied = seccomp.ERRNO(errno.EPERM)
    for action, names in ((seccomp.ALLOW, allowed), (denied, REFUSED.split())):
        for name in names:
            if seccomp.resolve_syscall(seccomp.Arch.NATIVE, name) != -1:  # -1: not known yet
                made.add_rule(action, name)
    thread = seccomp.Arg(0, seccomp.MASKED_EQ, CLONE_THREAD, CLONE_THREAD)
    process = seccomp.Arg(0, seccomp.MASKED_EQ, CLONE_THREAD, 0)
    made.add_rule(seccomp.ALLOW, "clone", thread)
    made.add_rule(denied, "clone", process)
    for name, (place, values) in HARMLESS.items():
        for value in values:
            made.add_rule(seccomp.ALLOW, name, seccomp.Arg(place, seccomp.EQ, value))
    set_limit = seccomp.Arg(2, seccomp.NE, 0)
    made.add_rule(denied, "prlimit64", set_limit)
    for name, place in FLAGS.items():
        plain = seccomp.Arg(place, seccomp.MASKED_EQ, OUT_OF_BAND, 0)
        made.add_rule(seccomp.ALLOW, name, plain)
    with tempfile.TemporaryFile() as file:
        made.export_bpf(file)
        file.seek(0)
        return file.read()
