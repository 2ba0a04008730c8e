#include "app/eval_folder.h"

#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <ctime>
#include <fstream>

#include "app/problem_file.h"
#include "base/file.h"
#include "cairn/error.h"
#include "eval/faithfulness.h"
#include "eval/report.h"

namespace cairn::app {
namespace {

using Json = nlohmann::ordered_json;

// In whatever order the keys stand. A draft is named where a recipe uses one.
bool same_run(nlohmann::json before, nlohmann::json now) {
  if (!before.is_object()) return false;
  const bool drafts = before.contains("draft") && now.contains("draft");
  for (nlohmann::json* plan : {&before, &now}) {
    for (const char* arms : {"recipes", "budgets", "seeds"}) plan->erase(arms);
    if (!drafts) plan->erase("draft");
  }
  return before == now;
}

// The arms of two plans of one run.
Json joined(Json before, const Json& more) {
  for (const char* arms : {"recipes", "budgets"})
    for (const Json& one : more.at(arms)) {
      Json& all = before.at(arms);
      if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
    }
  before["seeds"] = std::max(before.at("seeds").get<int>(), more.at("seeds").get<int>());
  if (more.contains("draft")) before["draft"] = more.at("draft");
  return before;
}

std::string date_of(std::time_t at) {
  char date[32];
  std::strftime(date, sizeof date, "%Y-%m-%d %H:%M UTC", std::gmtime(&at));
  return date;
}

// The seconds of all sessions add up; of their memory the most counts.
eval::Facts facts_of(const std::filesystem::path& sessions, const Json& plan) {
  double seconds = 0;
  std::int64_t peak = 0, ended = 0;
  std::ifstream file(sessions);
  for (std::string line; std::getline(file, line);) {
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object()) continue;  // torn by a kill
    seconds += json.value("seconds", 0.0);
    peak = std::max(peak, json.value("peak_kib", std::int64_t{0}));
    ended = std::max(ended, json.value("ended", std::int64_t{0}));
  }
  eval::Facts facts;
  for (const auto& [name, value] : plan.items())
    facts.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
  facts.emplace_back("wall seconds", fmt::format("{:.1f}", seconds));
  facts.emplace_back("peak memory, MiB", fmt::format("{}", peak / 1024));
  facts.emplace_back("ended", date_of(ended));
  return facts;
}

}  // namespace

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text << std::flush;
  if (!file)
    throw Error(Fault::store, "--out", fmt::format("{} cannot be written", path.string()),
                "Make room or choose another");
}

Json EvalFolder::open(const Json& plan, bool resume) const {
  const auto file = path_ / "plan.json";
  const auto keep = [&](const Json& all) {
    write_file(file, all.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
    return all;
  };
  std::error_code error;
  std::filesystem::create_directories(path_, error);
  if (!std::filesystem::exists(file)) return keep(plan);
  if (!resume)
    throw Error(Fault::input, "--out", fmt::format("{} holds a run", path_.string()),
                "Add --resume to go on with it, or choose another folder");
  const Json before = Json::parse(base::file_content(file).value_or(""), nullptr, false);
  if (!same_run(before, plan))
    throw Error(Fault::input, "--resume",
                fmt::format("the run in {} had another plan, see plan.json there", path_.string()),
                "Run with the same data, model and options, or choose another folder");
  return keep(joined(before, plan));
}

void EvalFolder::note_session(double seconds) const {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  ResultFile((path_ / "sessions.jsonl").string())
      .write(Json{{"seconds", seconds}, {"peak_kib", used.ru_maxrss}, {"ended", std::time(nullptr)}}
                 .dump());
}

Json EvalFolder::plan() const {
  Json plan = Json::parse(base::file_content(path_ / "plan.json").value_or(""), nullptr, false);
  const auto has = [&](const char* name) { return plan.contains(name); };
  if (!plan.is_object() || !has("data") || !has("model") || !has("recipes"))
    throw Error(Fault::input, "eval", fmt::format("{} holds no run", path_.string()),
                "Name a folder that `cairn eval --out` has written");
  return plan;
}

std::string EvalFolder::write_report(const Json& plan,
                                     const std::vector<std::string>& complaints) const {
  eval::AttemptFile file = eval::read_attempts(attempts().string());
  eval::sort_attempts(file.attempts, plan.at("recipes").get<std::vector<std::string>>());
  eval::Report report{"Evaluation: " + plan.at("data").get<std::string>(),
                      facts_of(path_ / "sessions.jsonl", plan), eval::summarise(file.attempts),
                      eval::faithfulness(eval::read_probes(probes().string())), complaints};
  for (std::string& complaint : file.complaints) report.complaints.push_back(std::move(complaint));
  std::string markdown = eval::to_markdown(report);
  write_file(path_ / "report.json", eval::to_json(report));
  write_file(path_ / "report.md", markdown);
  write_file(path_ / "report.html", eval::to_html(report, file.attempts));
  return markdown;
}

}  // namespace cairn::app
