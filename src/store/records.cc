#include "store/records.h"

#include <fmt/format.h>

#include <algorithm>

#include "cairn/error.h"
#include "store/json_reader.h"
#include "store/json_writer.h"

namespace cairn::store {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

std::string_view name_of(End end) {
  return end == End::open ? "open" : end == End::done ? "done" : "cut";
}

End end_named(const std::string& name) {
  if (name == "open") return End::open;
  if (name == "done") return End::done;
  if (name == "cut") return End::cut;
  throw Error(Fault::store, "trace", fmt::format("\"end\" is \"{}\"", name),
              "It is one of open, done, cut");
}

Stopped stopped_named(const std::string& name) {
  for (const Stopped stopped :
       {Stopped::done, Stopped::budget, Stopped::deadline, Stopped::cancelled})
    if (cairn::name_of(stopped) == name) return stopped;
  throw Error(Fault::store, "trace", fmt::format("\"stopped\" is \"{}\"", name),
              "It is one of done, budget, deadline, cancelled");
}

JsonWriter begin(std::string_view type) {
  JsonWriter json;
  json.integer("schema", kSchema).text("type", type);
  return json;
}

JsonWriter usage_json(const Usage& usage) {
  JsonWriter json;
  json.integer("generated_tokens", usage.generated_tokens)
      .integer("evaluated_tokens", usage.evaluated_tokens)
      .integer("unique_tokens", usage.unique_tokens)
      .integer("prompt_tokens", usage.prompt_tokens)
      .integer("judge_tokens", usage.judge_tokens)
      .integer("model_calls", usage.model_calls)
      .number("seconds", usage.seconds);
  if (usage.judge_generated > 0) json.integer("judge_generated", usage.judge_generated);
  if (usage.draft_tokens > 0 || usage.draft_generated > 0)
    json.integer("draft_tokens", usage.draft_tokens)
        .integer("draft_generated", usage.draft_generated);
  if (usage.cached_tokens > 0) json.integer("cached_tokens", usage.cached_tokens);
  if (usage.tool_calls > 0)
    json.integer("tool_calls", usage.tool_calls)
        .integer("tool_errors", usage.tool_errors)
        .number("tool_seconds", usage.tool_seconds);
  return json;
}

Usage read_usage(const JsonReader& json) {
  Usage usage;
  usage.generated_tokens = json.integer("generated_tokens", 0, kMost);
  usage.evaluated_tokens = json.integer("evaluated_tokens", 0, kMost);
  usage.unique_tokens = json.integer("unique_tokens", 0, kMost);
  usage.prompt_tokens = json.integer("prompt_tokens", 0, kMost);
  usage.judge_tokens = json.integer("judge_tokens", 0, kMost);
  usage.model_calls = json.integer("model_calls", 0, kMost);
  usage.seconds = json.number("seconds");
  if (json.has("judge_generated"))
    usage.judge_generated = json.integer("judge_generated", 0, kMost);
  if (json.has("draft_tokens")) {
    usage.draft_tokens = json.integer("draft_tokens", 0, kMost);
    usage.draft_generated = json.integer("draft_generated", 0, kMost);
  }
  if (json.has("cached_tokens")) usage.cached_tokens = json.integer("cached_tokens", 0, kMost);
  if (json.has("tool_calls")) {
    usage.tool_calls = json.integer("tool_calls", 0, kMost);
    usage.tool_errors = json.integer("tool_errors", 0, kMost);
    usage.tool_seconds = json.number("tool_seconds");
  }
  return usage;
}

void write_stats(JsonWriter& json, const NodeStats& stats) {
  json.integer("visit_count", stats.visit_count)
      .number("value", stats.value)
      .number("prior", stats.prior)
      .flag("chosen", stats.chosen);
}

NodeStats read_stats(const JsonReader& json) {
  NodeStats stats;
  stats.visit_count = static_cast<std::uint32_t>(
      json.integer("visit_count", 0, std::numeric_limits<std::uint32_t>::max()));
  stats.value = json.optional_number("value");
  stats.prior = json.optional_number("prior");
  stats.chosen = json.flag("chosen");
  return stats;
}

JsonWriter text_map(const std::map<std::string, std::string>& values) {
  JsonWriter json;
  for (const auto& [name, value] : values) json.text(name, value);
  return json;
}

JsonWriter run_json(const RunInfo& run) {
  JsonWriter json;
  json.text("model", run.model)
      .text("fingerprint", run.fingerprint)
      .flag("reproducible", run.reproducible)
      .text("notes", run.notes)
      .text("judge", run.judge)
      .object("settings", text_map(run.settings));
  return json;
}

RunInfo read_run(const JsonReader& json) {
  return {.model = json.text("model"),
          .fingerprint = json.text("fingerprint"),
          .reproducible = json.flag("reproducible"),
          .notes = json.text("notes"),
          .judge = json.text("judge"),
          .settings = json.texts("settings")};
}

std::string line_of(const ProblemRecord& record) {
  const Problem& problem = record.problem;
  std::vector<JsonWriter> choices;
  for (const Choice& choice : problem.choices)
    choices.emplace_back().text("label", choice.label).text("text", choice.text);
  JsonWriter json = begin("problem");
  json.text("problem", problem.id)
      .text("question", problem.question)
      .maybe_text("answer", problem.answer)
      .text("kind", cairn::name_of(problem.kind))
      .objects("choices", choices)
      .text("extract", problem.extract)
      .text("recipe", record.recipe)
      .natural("seed", record.seed)
      .object("run", run_json(record.run));
  return json.str();
}

ProblemRecord read_problem(const JsonReader& json) {
  ProblemRecord record;
  Problem& problem = record.problem;
  problem.id = json.text("problem");
  problem.question = json.text("question");
  problem.answer = json.optional_text("answer");
  problem.kind = answer_kind(json.text("kind"));
  for (const JsonReader& choice : json.objects("choices"))
    problem.choices.push_back({choice.text("label"), choice.text("text")});
  problem.extract = json.text("extract");
  record.recipe = json.text("recipe");
  record.seed = json.natural("seed");
  record.run = read_run(json.object("run"));
  return record;
}

std::string line_of(const StepLine& record) {
  const Step& step = record.step;
  JsonWriter rewards;
  for (const auto& [judge, reward] : step.rewards) rewards.number(judge, reward);
  JsonWriter json = begin("step");
  json.text("problem", record.problem)
      .natural("id", record.id)
      .natural("parent", record.parent)
      .integer("depth", record.depth)
      .text("kind", step.kind)
      .text("text", step.text)
      .numbers("tokens", std::span<const Token>(step.tokens))
      .number("logprob", step.logprob())
      .numbers("logprobs", std::span<const float>(step.logprobs))
      .numbers("certainties", std::span<const float>(step.certainties));
  if (!step.entropies.empty()) json.numbers("entropies", std::span<const float>(step.entropies));
  json.object("rewards", rewards);
  if (!step.judge_usage.empty()) {
    JsonWriter usage;
    for (const auto& [judge, spent] : step.judge_usage) usage.object(judge, usage_json(spent));
    json.object("judge_usage", usage);
  }
  write_stats(json, record.stats);
  json.maybe_text("answer", step.answer);
  if (step.tool)
    json.text("tool", step.tool->tool)
        .text("tool_call", step.tool->call)
        .text("tool_status", step.tool->status)
        .text("tool_output", step.tool->output)
        .text("tool_message", step.tool->message)
        .integer("tool_exit_status", step.tool->exit_status)
        .number("tool_seconds", step.tool->seconds);
  json.object("usage", usage_json(step.usage))
      .natural("seed", step.seed)
      .text("model", step.model)
      .text("stop", cairn::name_of(step.stop))
      .text("end", name_of(record.end));
  return json.str();
}

Stop read_stop(const std::string& name) {
  const auto stop = stop_named(name);
  if (!stop)
    throw Error(Fault::store, "trace", fmt::format("\"stop\" is \"{}\"", name),
                "See cairn/step.h for its values");
  return *stop;
}

StepLine read_step(const JsonReader& json) {
  StepLine record;
  record.problem = json.text("problem");
  record.id = json.natural("id");
  record.parent = json.natural("parent");
  record.depth = static_cast<int>(json.integer("depth", 1, std::numeric_limits<int>::max()));
  Step& step = record.step;
  step.kind = json.text("kind");
  step.text = json.text("text");
  step.tokens = json.integers("tokens");
  step.logprobs = json.floats("logprobs");
  step.certainties = json.floats("certainties");
  if (json.has("entropies")) step.entropies = json.floats("entropies");
  step.rewards = json.float_map("rewards");
  if (json.has("judge_usage"))
    for (const auto& [judge, usage] : json.object_map("judge_usage"))
      step.judge_usage[judge] = read_usage(usage);
  record.stats = read_stats(json);
  step.answer = json.optional_text("answer");
  if (json.has("tool"))
    step.tool = {.tool = json.text("tool"),
                 .call = json.text("tool_call"),
                 .status = json.text("tool_status"),
                 .output = json.text("tool_output"),
                 .message = json.text("tool_message"),
                 .exit_status = static_cast<int>(json.integer("tool_exit_status", 0, 1 << 20)),
                 .seconds = json.number("tool_seconds")};
  step.usage = read_usage(json.object("usage"));
  step.seed = json.natural("seed");
  step.model = json.text("model");
  step.stop = read_stop(json.text("stop"));
  record.end = end_named(json.text("end"));
  return record;
}

std::string line_of(const RewardRecord& record) {
  JsonWriter json = begin("reward");
  json.text("problem", record.problem)
      .natural("step", record.step)
      .text("judge", record.judge)
      .number("reward", record.reward);
  if (record.usage.model_calls > 0) json.object("usage", usage_json(record.usage));
  return json.str();
}

std::string line_of(const NodeRecord& record) {
  JsonWriter json = begin("node");
  json.text("problem", record.problem).natural("step", record.step);
  write_stats(json, record.stats);
  return json.str();
}

std::string line_of(const OutcomeRecord& record) {
  std::vector<JsonWriter> traces;
  for (const FinishedLine& trace : record.traces)
    traces.emplace_back()
        .natural("step", trace.step)
        .maybe_text("answer", trace.answer)
        .number("reward", trace.reward)
        .integer("steps", trace.steps);
  JsonWriter json = begin("outcome");
  json.text("problem", record.problem)
      .maybe_text("answer", record.answer)
      .number("confidence", record.confidence)
      .text("stopped", cairn::name_of(record.stopped))
      .object("usage", usage_json(record.usage))
      .objects("traces", traces)
      .naturals("chosen", record.chosen);
  return json.str();
}

OutcomeRecord read_outcome(const JsonReader& json) {
  OutcomeRecord record;
  record.problem = json.text("problem");
  record.answer = json.optional_text("answer");
  record.confidence = json.number("confidence");
  record.stopped = stopped_named(json.text("stopped"));
  record.usage = read_usage(json.object("usage"));
  for (const JsonReader& trace : json.objects("traces"))
    record.traces.push_back(
        {trace.natural("step"), trace.optional_text("answer"),
         trace.optional_number("reward").value_or(0),
         static_cast<int>(trace.integer("steps", 0, std::numeric_limits<int>::max()))});
  record.chosen = json.naturals("chosen");
  return record;
}

Record read_record(const JsonReader& json) {
  const std::string type = json.text("type");
  if (type == "problem") return read_problem(json);
  if (type == "step") return read_step(json);
  if (type == "reward")
    return RewardRecord{json.text("problem"), json.natural("step"), json.text("judge"),
                        static_cast<float>(json.number("reward")),
                        json.has("usage") ? read_usage(json.object("usage")) : Usage()};
  if (type == "node")
    return NodeRecord{json.text("problem"), json.natural("step"), read_stats(json)};
  if (type == "outcome") return read_outcome(json);
  throw Error(Fault::store, "trace", fmt::format("\"type\" is \"{}\"", repaired_utf8(type)),
              "It is one of problem, step, reward, node, outcome");
}

std::vector<std::uint64_t> chosen_steps(const Outcome& outcome) {
  const FinishedTrace* best = nullptr;
  for (const FinishedTrace& finished : outcome.traces)
    if (outcome.answer && finished.trace.answer() == outcome.answer &&
        (best == nullptr || finished.reward > best->reward))
      best = &finished;
  std::vector<std::uint64_t> ids;
  if (best == nullptr) return ids;
  for (Trace trace = best->trace; trace.depth() > 0; trace = trace.parent())
    if (trace.id() != 0) ids.push_back(trace.id());
  std::reverse(ids.begin(), ids.end());
  return ids;
}

}  // namespace

OutcomeRecord outcome_record(const std::string& problem, const Outcome& outcome) {
  OutcomeRecord record{
      problem, outcome.answer, outcome.confidence, outcome.stopped, outcome.usage, {}, {}};
  for (const FinishedTrace& finished : outcome.traces)
    record.traces.push_back({finished.trace.id(), finished.trace.answer(), finished.reward,
                             static_cast<int>(finished.trace.depth())});
  record.chosen = chosen_steps(outcome);
  return record;
}

std::string to_line(const Record& record) {
  return std::visit([](const auto& one) { return line_of(one) + "\n"; }, record);
}

std::variant<Record, NewerSchema> parse_line(std::string_view line) {
  const JsonReader json = JsonReader::parse(line);
  const std::int64_t schema = json.integer("schema", 1, kMost);
  if (schema > kSchema) return NewerSchema{schema};
  return read_record(json);
}

}  // namespace cairn::store
