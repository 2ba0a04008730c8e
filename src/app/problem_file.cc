#include "app/problem_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "app/data_set.h"
#include "cairn/error.h"

namespace cairn::app {
namespace {

[[noreturn]] void cannot_write(const std::string& path, int error) {
  throw Error(Fault::store, "--out",
              fmt::format("{} cannot be written: {}", path, std::strerror(error)),
              "Make room or choose another file; run again with --resume");
}

[[noreturn]] void refuse(const std::string& path, const char* what, const char* remedy) {
  throw Error(Fault::input, path, fmt::format("it holds {}, not questions", what), remedy);
}

void refuse_others(const std::string& path, const nlohmann::json& line, bool chains_are_asked) {
  const auto has = [&](const char* key) { return line.contains(key); };
  const bool steps = has("step_labels") || has("chain_correct") || (has("label") && has("steps"));
  if (steps && !chains_are_asked)
    refuse(path, "labelled chains", "Read it with `cairn bench judges`");
  if (has("labeler") || (has("input") && has("label")))
    refuse(path, "labels of steps as their source wrote them",
           "Write them as question, steps and step_labels for `cairn bench judges`");
  if (has("s") && has("r") && has("o"))
    refuse(path, "facts of a knowledge base", "Give the questions beside it");
}

std::vector<Problem> problems_of(DataSet& set, const std::string& where,
                                 const nlohmann::json& line) {
  if (line.is_discarded())
    throw Error(Fault::input, where, "it is no JSON", "The line is left out");
  return set.read(where, line);
}

}  // namespace

ProblemFile read_problems(const std::string& path) {
  std::ifstream file(path);
  if (!file)
    throw Error(Fault::input, "--file", fmt::format("{} cannot be read", path), "Check the path");
  DataSet set(path);
  ProblemFile result;
  result.task = set.task();
  std::set<std::string> ids;
  std::map<std::string, int> complaints;  // and how often
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string where = fmt::format("{} line {}", path, number);
    const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    refuse_others(path, json, set.asks_about_chains());
    try {
      for (Problem& problem : problems_of(set, where, json)) {
        if (!problem.database.empty())
          problem.database =
              (std::filesystem::path(path).parent_path() / problem.database).string();
        if (!ids.insert(problem.id).second)
          throw Error(Fault::input, where, fmt::format("the id \"{}\" stood before", problem.id),
                      "The line is left out");
        result.problems.push_back(std::move(problem));
      }
    } catch (const Error& error) {
      if (complaints[error.what()]++ == 0) result.complaints.emplace_back(error.what());
    }
  }
  for (std::string& complaint : result.complaints)
    if (const int times = complaints[complaint]; times > 1)
      complaint += fmt::format(" ({} lines)", times);
  return result;
}

std::set<std::string> finished_ids(const std::string& path) {
  std::set<std::string> ids;
  std::ifstream file(path, std::ios::binary);
  if (!file) return ids;  // nothing was done yet
  std::string line;
  std::uintmax_t whole = 0;
  while (std::getline(file, line)) {
    if (file.eof()) break;  // no newline: torn
    whole += line.size() + 1;
    const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (json.is_object() && json.contains("id") && json["id"].is_string()) ids.insert(json["id"]);
  }
  file.close();
  std::error_code error;
  std::filesystem::resize_file(path, whole, error);
  if (error) cannot_write(path, error.value());
  return ids;
}

void start_results(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) cannot_write(path, errno);
  ::close(file);
}

ResultFile::ResultFile(const std::string& path) : path_(path.empty() ? "standard output" : path) {
  file_ = path.empty() ? STDOUT_FILENO
                       : ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (file_ < 0) cannot_write(path_, errno);
}

ResultFile::~ResultFile() {
  if (file_ != STDOUT_FILENO) ::close(file_);
}

void ResultFile::write(const std::string& line) {
  std::string whole = line + "\n";
  for (std::string_view left = whole; !left.empty();) {
    const ssize_t written = ::write(file_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) cannot_write(path_, errno);
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace cairn::app
