#include "store/trace_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>

#include "cairn/error.h"
#include "store/json_writer.h"

namespace cairn::store {
namespace {

constexpr const char* kLeftOut = "The line is left out";

// The parts of a trace file by problem: records of several problems may interleave, and a problem
// that begins again starts a new episode.
class Assembly {
 public:
  void add(ProblemRecord record) {
    open_[record.problem.id] = builders_.size();
    builders_.emplace_back(std::move(record));
  }
  template <class Part>
  void add(Part part) {
    const auto found = open_.find(part.problem);
    if (found == open_.end())
      throw Error(Fault::store, "trace",
                  fmt::format("problem \"{}\" has not begun", repaired_utf8(part.problem)),
                  kLeftOut);
    builders_[found->second].add(std::move(part));
  }
  std::vector<Episode> build() && {
    std::vector<Episode> episodes;
    for (EpisodeBuilder& builder : builders_) episodes.push_back(std::move(builder).build());
    return episodes;
  }

 private:
  std::vector<EpisodeBuilder> builders_;
  std::map<std::string, std::size_t> open_;
};

std::ifstream opened(const std::filesystem::path& path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path))
    throw Error(
        Fault::store, "trace",
        fmt::format("{} cannot be read ({})", path.string(),
                    std::filesystem::is_directory(path) ? "it is a folder" : std::strerror(errno)),
        "Check the path");
  return in;
}

// The record of a line, or nothing for an empty one.
std::optional<Record> record_of(const std::filesystem::path& path, std::size_t number,
                                const std::string& line) {
  if (line.find_first_not_of(" \t\r") == std::string::npos) return {};
  auto parsed = parse_line(line);
  if (const auto* newer = std::get_if<NewerSchema>(&parsed))
    throw NewerSchemaError(path, number, newer->schema);
  return std::get<Record>(std::move(parsed));
}

}  // namespace

NewerSchemaError::NewerSchemaError(const std::filesystem::path& path, std::size_t line,
                                   std::int64_t schema)
    : Error(Fault::store, "trace",
            fmt::format("{} line {} has schema {} but this build reads up to {}", path.string(),
                        line, schema, kSchema),
            "Read it with a newer cairn") {}

std::vector<BrokenLine> for_each_record(
    const std::filesystem::path& path,
    const std::function<void(std::size_t number, Record record)>& use, bool& torn) {
  std::ifstream in = opened(path);
  std::vector<BrokenLine> broken;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    const bool last = in.eof();  // no newline after it
    try {
      auto record = record_of(path, number, line);
      if (record) use(number, std::move(*record));
    } catch (const NewerSchemaError&) {
      throw;
    } catch (const Error& error) {
      if (last)
        torn = true;
      else
        broken.push_back({number, error.what()});
    }
  }
  return broken;
}

TraceFile read_trace_file(const std::filesystem::path& path) {
  TraceFile file;
  Assembly assembly;
  const auto use = [&](std::size_t, Record record) {
    std::visit([&](auto& part) { assembly.add(std::move(part)); }, record);
  };
  file.broken = for_each_record(path, use, file.torn);
  file.episodes = std::move(assembly).build();
  return file;
}

// Older files have what asking JUDGE cost among the rewards, as "JUDGE cost generated" and so on.
void take_old_usage(Step& step) {
  const std::pair<std::string_view, std::int64_t Usage::*> kinds[] = {
      {" cost generated", &Usage::generated_tokens},
      {" cost evaluated", &Usage::evaluated_tokens},
      {" cost calls", &Usage::model_calls}};
  for (auto reward = step.rewards.begin(); reward != step.rewards.end();) {
    const auto& [name, value] = *reward;
    bool taken = false;
    for (const auto& [ending, amount] : kinds)
      if (name.ends_with(ending)) {
        const std::string judge = name.substr(0, name.size() - ending.size());
        step.judge_usage[judge].*amount = static_cast<std::int64_t>(value);
        taken = true;
      }
    reward = taken ? step.rewards.erase(reward) : std::next(reward);
  }
}

EpisodeBuilder::EpisodeBuilder(ProblemRecord problem) : problem_(std::move(problem)) {}

StepLine& EpisodeBuilder::step(std::uint64_t id) {
  const auto found = place_.find(id);
  if (found == place_.end())
    throw Error(Fault::store, "trace", fmt::format("there is no step {}", id), kLeftOut);
  return steps_[found->second];
}

void EpisodeBuilder::add(StepLine step) {
  if (step.id == 0 || step.id == step.parent || place_.count(step.id) > 0)
    throw Error(Fault::store, "trace",
                fmt::format("step {} (after {}) has an id that is taken", step.id, step.parent),
                kLeftOut);
  place_[step.id] = steps_.size();
  steps_.push_back(std::move(step));
}

void EpisodeBuilder::add(const RewardRecord& reward) {
  Step& judged = step(reward.step).step;
  judged.rewards[reward.judge] = reward.reward;
  if (reward.usage.model_calls > 0) judged.judge_usage[reward.judge] = reward.usage;
}

void EpisodeBuilder::add(const NodeRecord& node) {
  step(node.step).stats = node.stats;
}

void EpisodeBuilder::add(OutcomeRecord outcome) {
  if (outcome_) throw Error(Fault::store, "trace", "the problem has two outcomes", kLeftOut);
  for (const std::uint64_t id : outcome.chosen)
    if (place_.count(id) > 0) step(id).stats.chosen = true;
  outcome_ = std::move(outcome);
}

Episode EpisodeBuilder::build() && {
  Episode episode{std::move(problem_), {}, std::move(outcome_)};
  std::unordered_map<std::uint64_t, Tree::Index> node_of = {{0, Tree::kRoot}};
  node_of.reserve(steps_.size());
  Tree& tree = episode.tree;
  for (StepLine& line : steps_) {
    take_old_usage(line.step);
    if (node_of.count(line.parent) == 0) {
      Step lost;
      lost.kind = "lost";
      node_of[line.parent] =
          tree.add(Tree::kRoot, Trace().extended(std::move(lost), End::open, line.parent));
    }
    const Tree::Index parent = node_of[line.parent];
    Trace trace = tree[parent].trace.extended(std::move(line.step), line.end, line.id);
    const auto [place, fresh] = node_of.try_emplace(line.id, Tree::kNone);
    if (!fresh) continue;  // named as lost before it came: out of order, kept as lost
    place->second = tree.add(parent, std::move(trace));
    tree.set_stats(place->second, line.stats);
  }
  return episode;
}

std::vector<Record> records_of(const Episode& episode) {
  std::vector<Record> records = {episode.problem};
  const std::string& id = episode.problem.problem.id;
  for (Tree::Index node = 1; node < episode.tree.size(); ++node) {
    const Trace& trace = episode.tree[node].trace;
    records.push_back(StepLine{id, trace.id(), trace.parent().id(), static_cast<int>(trace.depth()),
                               trace.end(), trace.last(), episode.tree.stats(node)});
  }
  if (episode.outcome) records.push_back(*episode.outcome);
  return records;
}

Unfinished unfinished(const Episode& episode) {
  std::map<std::uint64_t, const Trace*> by_id;  // ids tell the order in which steps ended
  for (Tree::Index node = 1; node < episode.tree.size(); ++node)
    by_id[episode.tree[node].trace.id()] = &episode.tree[node].trace;
  Unfinished begun{.question = episode.problem.problem.question};
  for (const auto& [id, trace] : by_id) {
    if (id != begun.steps.size() + 1) break;  // a line is lost: what follows is made again
    begun.steps.push_back({trace->last(), trace->end()});
    for (const auto& [judge, reward] : trace->last().rewards) begun.rewards[{id, judge}] = reward;
    for (const auto& [judge, usage] : trace->last().judge_usage)
      begun.judge_usage[{id, judge}] = usage;
  }
  return begun;
}

}  // namespace cairn::store
