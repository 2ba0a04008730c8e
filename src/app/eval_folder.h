#pragma once
// app/eval_folder.h — the folder of an evaluation: the plan, the attempts, what each start of the
// program took, and the report that is made from them.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace cairn::app {

// Errors: Fault::store.
void write_file(const std::filesystem::path& path, const std::string& text);

class EvalFolder {
 public:
  explicit EvalFolder(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path attempts() const { return path_ / "attempts.jsonl"; }
  std::filesystem::path probes() const { return path_ / "probes.jsonl"; }

  // Errors: Fault::input where there is none.
  nlohmann::ordered_json plan() const;

  // Makes the folder with this plan, or, with `resume`, checks that what lies in it was made by the
  // same but for recipes, budgets and seeds, and adds those. Returns the plan of all that. Errors:
  // Fault::input when it holds a run and `resume` is not set, or one of another plan; Fault::store
  // when it cannot be written.
  nlohmann::ordered_json open(const nlohmann::ordered_json& plan, bool resume) const;

  // Notes one start of the program, which took so long; peak memory is that of this process.
  void note_session(double seconds) const;

  // Writes report.json, report.md and report.html from the attempts and probes; returns the
  // Markdown. Errors: Fault::store.
  std::string write_report(const nlohmann::ordered_json& plan,
                           const std::vector<std::string>& complaints) const;

 private:
  const std::filesystem::path path_;
};

}  // namespace cairn::app
