# What a sandboxed interpreter runs before it is given a program: it loads what programs use most,
# shuts itself in, says that it is ready, and becomes the program that it then reads.
# Arguments: the isolation, and the system call filter in hexadecimal (empty: none).
import ctypes
import io
import os
import sys


def shut_in(isolation, filter_bytes):
    libc = ctypes.CDLL(None, use_errno=True)

    def call(function, *arguments):
        result = function(*arguments)
        if result < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return result

    def prctl(option, *values):
        values = [ctypes.c_void_p(v) if isinstance(v, int) else v for v in values]
        call(libc.prctl, ctypes.c_int(option), *values, *[ctypes.c_void_p(0)] * (4 - len(values)))

    prctl(38, 1)  # PR_SET_NO_NEW_PRIVS
    if isolation == "landlock":
        if os.getuid() == 0:
            os.setgroups([])
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)
        prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL
        os.chdir("/usr")
        landlock(libc, call)
    if filter_bytes:
        class Program(ctypes.Structure):
            _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]

        program = Program(len(filter_bytes) // 8, filter_bytes)
        prctl(22, 2, ctypes.byref(program))  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


# Reading and running below /usr and the interpreter's own folder, and /dev/null; nothing else.
def landlock(libc, call):
    version = call(libc.syscall, 444, None, ctypes.c_size_t(0), ctypes.c_uint(1))
    handled = (1 << (13 if version < 2 else 14 if version < 3 else 15 if version < 5 else 16)) - 1
    attributes = (ctypes.c_uint64 * 3)(handled, 3 if version >= 4 else 0, 3 if version >= 6 else 0)
    size = 8 if version < 4 else 16 if version < 6 else 24
    rules = call(libc.syscall, 444, attributes, ctypes.c_size_t(size), ctypes.c_uint(0))

    class Beneath(ctypes.Structure):
        _pack_ = 1
        _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]

    execute, write, read, read_dir = 1 << 0, 1 << 1, 1 << 2, 1 << 3
    for path, allowed in (("/usr", execute | read | read_dir), (sys.base_prefix, read | read_dir),
                          ("/dev/null", read | write)):
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = Beneath(allowed, parent)
        call(libc.syscall, 445, rules, ctypes.c_int(1), ctypes.byref(rule), ctypes.c_uint(0))
        os.close(parent)
    call(libc.syscall, 446, rules, ctypes.c_uint(0))
    os.close(rules)


# What follows a NUL byte is what the program reads from standard input.
def read_program():
    os.write(1, b"\x06")
    parts = []
    while part := os.read(0, 65536):
        parts.append(part)
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    program, _, data = b"".join(parts).partition(b"\0")
    sys.stdin = io.TextIOWrapper(io.BytesIO(data))
    return program.decode("utf-8", "replace")


def show(error, source):
    import linecache
    import traceback
    linecache.cache["program"] = (len(source), None, source.splitlines(True), "program")
    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename != "program":
        trace = trace.tb_next
    sys.stderr.write("".join(traceback.format_exception(type(error), error, trace)))


# The exit status of the program.
def run(source):
    try:
        exec(compile(source, "program", "exec"), {"__name__": "__main__", "__builtins__": __builtins__})
        if "threading" in sys.modules:
            sys.modules["threading"]._shutdown()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return (end.code or 0) & 255
        sys.stderr.write(f"{end.code}\n")
        return 1
    except MemoryError:
        sys.stderr.write("MemoryError: the program wanted more memory than it may have\n")
        return 253
    except BaseException as error:
        show(error, source)
        return 1
    return 0


def main():
    isolation, filter_bytes = sys.argv[1], bytes.fromhex(sys.argv[2])
    import bisect, collections, datetime, decimal, fractions, functools, heapq, itertools  # noqa: F401
    import json, linecache, math, operator, random, re, statistics, string, traceback, typing  # noqa: F401
    sys.argv = ["program"]
    sys.path = [path for path in sys.path if path]
    shut_in(isolation, filter_bytes)
    status = run(read_program())
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        status = status or 1
    os._exit(status)


main()
