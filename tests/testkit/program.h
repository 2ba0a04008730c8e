#pragma once
// testkit/program.h — runs the built program as a user does.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <string>
#include <vector>

#include "testkit/paths.h"
#include "testkit/temp_dir.h"

namespace cairn::testkit {

struct Finished {
  int exit_code = -1;  // 128 + n where signal n ended it
  std::string out, err;
};

// Started at once; wait() gives what it wrote.
class Program {
 public:
  explicit Program(std::vector<std::string> arguments,
                   const std::map<std::string, std::string>& environment = {},
                   const std::string& input = "")
      : Program(program_path().string(), std::move(arguments), environment, input) {}

  Program(const std::string& file, std::vector<std::string> arguments,
          const std::map<std::string, std::string>& environment, const std::string& input) {
    write_text(dir_ / "in", input);
    child_ = fork();
    if (child_ != 0) return;
    redirect("in", O_RDONLY, STDIN_FILENO);
    redirect("out", O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
    redirect("err", O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
    for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
    std::vector<char*> argv{const_cast<char*>(file.c_str())};
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    execv(file.c_str(), argv.data());
    _exit(127);
  }

  void signal(int number) const { ::kill(child_, number); }

  Finished wait() {
    int status = 0;
    waitpid(child_, &status, 0);
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return {code, read_text(dir_ / "out"), read_text(dir_ / "err")};
  }

 private:
  void redirect(const char* name, int flags, int to) const {
    const int file = ::open((dir_ / name).c_str(), flags, 0600);
    dup2(file, to);
    ::close(file);
  }

  TempDir dir_;
  pid_t child_ = -1;
};

inline Finished run_program(std::vector<std::string> arguments,
                            const std::map<std::string, std::string>& environment = {},
                            const std::string& input = "") {
  return Program(std::move(arguments), environment, input).wait();
}

}  // namespace cairn::testkit
