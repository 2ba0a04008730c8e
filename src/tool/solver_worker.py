# What the solver tool runs in a sandboxed interpreter: hands a script in SMT-LIB 2 to libz3 and prints what it says.
# The lines that the tool appends call solve(script, milliseconds, megabytes).
import ctypes
import sys


def libz3():
    for name in ("libz3.so.4", "libz3.so"):
        try:
            return ctypes.CDLL(name)
        except OSError as error:
            missing = error
    sys.stderr.write(f"libz3 cannot be loaded ({missing}). Install the package libz3-4\n")
    sys.exit(252)


def answers(script, milliseconds, megabytes):
    z3 = libz3()
    z3.Z3_global_param_set(b"timeout", b"%d" % milliseconds)
    z3.Z3_global_param_set(b"memory_max_size", b"%d" % megabytes)
    z3.Z3_mk_config.restype = z3.Z3_mk_context.restype = ctypes.c_void_p
    z3.Z3_eval_smtlib2_string.restype = ctypes.c_char_p
    context = ctypes.c_void_p(z3.Z3_mk_context(ctypes.c_void_p(z3.Z3_mk_config())))
    z3.Z3_set_error_handler(context, None)  # an error is text, not the end
    return z3.Z3_eval_smtlib2_string(context, script).decode("utf-8", "replace")


def solve(script, milliseconds, megabytes):
    said = answers(script, milliseconds, megabytes)
    complaints = [line for line in said.splitlines() if line.startswith("(error ")]
    sys.stdout.write(said)
    sys.stderr.writelines(line + "\n" for line in complaints)
    if complaints:
        sys.exit(253 if any("memory" in line for line in complaints) else 1)


