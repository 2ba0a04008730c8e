#include "model/hub/trial.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "cairn/error.h"
#include "model/hub/pull.h"
#include "model/hub/sha256.h"

namespace cairn::hub {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kThrown = "cairn-trial: ";  // marks what the work threw
constexpr std::size_t kKeptOutput = 1 << 16;

[[noreturn]] void be_the_child(int output, const std::function<void()>& work,
                               std::chrono::seconds limit) {
  ::dup2(output, STDERR_FILENO);
  const int nowhere = ::open("/dev/null", O_WRONLY);
  ::dup2(nowhere, STDOUT_FILENO);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  for (const int number : {SIGINT, SIGTERM, SIGABRT, SIGSEGV, SIGALRM}) ::signal(number, SIG_DFL);
  ::setenv("GGML_NO_BACKTRACE", "1", 1);  // it would start a debugger
  ::alarm(static_cast<unsigned>(limit.count()));
  int code = 0;
  try {
    work();
  } catch (const std::exception& error) {
    const std::string text = std::string(kThrown) + error.what() + "\n";
    code = ::write(STDERR_FILENO, text.data(), text.size()) < 0 ? 2 : 1;
  }
  ::_exit(code);
}

// The last part of what the child prints.
std::string read_all(int input) {
  std::string text;
  char buffer[4096];
  while (true) {
    const ssize_t got = ::read(input, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
    if (text.size() > 2 * kKeptOutput) text.erase(0, text.size() - kKeptOutput);
  }
}

// The line that says most about why the child ended.
std::string telling_line(const std::string& output) {
  std::istringstream lines(output);
  std::string best;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(kThrown)) return line.substr(kThrown.size());
    const std::size_t assertion = line.find("GGML_ASSERT");
    if (assertion != std::string::npos) return line.substr(assertion);
    if (line.find_first_not_of(" .\t") != std::string::npos) best = line;
  }
  return best;
}

std::string reason_of(int status, const std::string& output, std::chrono::seconds limit) {
  const std::string line = telling_line(output);
  if (WIFEXITED(status)) return line.empty() ? "it failed without a word" : line;
  if (WTERMSIG(status) == SIGALRM) return fmt::format("it took longer than {} s", limit.count());
  return fmt::format("it crashed ({}){}{}", strsignal(WTERMSIG(status)), line.empty() ? "" : ": ",
                     line);
}

// Where the note on a file is, and what it says.
struct Note {
  fs::path path;
  std::string text;
};

// Nothing where the file is not there, or nowhere to keep notes.
std::optional<Note> note_on(const fs::path& file, const std::string& found) {
  std::error_code error;
  const fs::path whole = fs::canonical(file, error);
  struct stat status {};
  if (error || ::stat(whole.c_str(), &status) != 0) return {};
  fs::path folder;
  try {
    folder = model_folder().parent_path() / "checked";
  } catch (const Error&) {
    return {};
  }
  Sha256 name;
  name.update(fmt::format("{}\n{}", whole.string(), found));
  return Note{folder / name.hex().substr(0, 24),
              fmt::format("{} {} {}.{:09} {}\n", found, status.st_size, status.st_mtim.tv_sec,
                          status.st_mtim.tv_nsec, whole.string())};
}

}  // namespace

std::optional<std::string> try_in_child(const std::function<void()>& work,
                                        std::chrono::seconds limit) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw Error(Fault::model, "model", fmt::format("no pipe ({})", std::strerror(errno)),
                "Close some files");
  const pid_t child = ::fork();
  if (child == 0) be_the_child(ends[1], work, limit);
  const int problem = errno;
  ::close(ends[1]);
  const std::string output = child < 0 ? "" : read_all(ends[0]);
  ::close(ends[0]);
  if (child < 0)
    throw Error(Fault::model, "model", fmt::format("no child process ({})", std::strerror(problem)),
                "Free some memory, or raise the limit on processes");
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGTERM))
    throw Error(Fault::cancelled, "model", "interrupted while loading", "Run it again");
  return reason_of(status, output, limit);
}

bool is_noted(const fs::path& file, const std::string& found) {
  const std::optional<Note> note = note_on(file, found);
  if (!note) return false;
  std::ifstream in(note->path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str() == note->text;
}

void note(const fs::path& file, const std::string& found) {
  const std::optional<Note> note = note_on(file, found);
  if (!note) return;
  std::error_code ignored;
  fs::create_directories(note->path.parent_path(), ignored);
  std::ofstream(note->path) << note->text;
}

bool found_once(const fs::path& file, const std::string& question,
                const std::function<bool()>& find) {
  const std::string yes = question + " yes", no = question + " no";
  if (is_noted(file, yes)) return true;
  if (is_noted(file, no)) return false;
  const bool found = find();
  note(file, found ? yes : no);
  return found;
}

}  // namespace cairn::hub
