#include "eval/attempt.h"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "cairn/error.h"

namespace cairn::eval {
namespace {

using nlohmann::json;

std::optional<std::string> text_or_nothing(const json& value) {
  if (value.is_null()) return {};
  return value.get<std::string>();
}

Usage usage_of(const json& value) {
  Usage usage;
  usage.generated_tokens = value.at("generated_tokens");
  usage.evaluated_tokens = value.at("evaluated_tokens");
  usage.unique_tokens = value.at("unique_tokens");
  usage.prompt_tokens = value.at("prompt_tokens");
  usage.judge_tokens = value.at("judge_tokens");
  usage.judge_generated = value.value("judge_generated", std::int64_t{0});
  usage.draft_tokens = value.value("draft_tokens", std::int64_t{0});
  usage.draft_generated = value.value("draft_generated", std::int64_t{0});
  usage.cached_tokens = value.value("cached_tokens", std::int64_t{0});
  usage.model_calls = value.at("model_calls");
  usage.tool_calls = value.value("tool_calls", std::int64_t{0});
  usage.tool_errors = value.value("tool_errors", std::int64_t{0});
  usage.tool_seconds = value.value("tool_seconds", 0.0);
  usage.seconds = value.at("seconds");
  return usage;
}

template <class T>
std::optional<T> value_or_nothing(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return {};
  return found->get<T>();
}

std::optional<StepMarks> steps_of(const json& attempt) {
  const auto found = attempt.find("steps");
  if (found == attempt.end()) return {};
  StepMarks marks;
  marks.written = found->at("written");
  marks.first_error = found->at("first_error");
  marks.valid = found->at("valid");
  marks.sequence = found->at("sequence");
  marks.final = found->at("final");
  marks.accuracy = value_or_nothing<double>(*found, "accuracy");
  marks.ratio = value_or_nothing<double>(*found, "ratio");
  marks.similarity = value_or_nothing<double>(*found, "similarity");
  marks.edits = value_or_nothing<int>(*found, "edits");
  return marks;
}

void read_outcome(const json& value, Attempt& attempt) {
  attempt.answer = text_or_nothing(value.at("answer"));
  attempt.right = value.at("correct");
  attempt.confidence = value.at("confidence");
  attempt.stopped = value.at("stopped");
  attempt.usage = usage_of(value.at("usage"));
  attempt.independent = value.at("independent");
  attempt.steps = steps_of(value);
  for (const json& trace : value.at("traces"))
    attempt.lines.push_back({text_or_nothing(trace.at("answer")), trace.at("correct"),
                             trace.at("reward"), trace.at("steps")});
}

Attempt attempt_of(const json& value) {
  Attempt attempt;
  attempt.arm.recipe = value.at("arm");
  if (!value.at("budget").is_null()) attempt.arm.budget = value.at("budget").get<std::int64_t>();
  attempt.problem = value.at("id");
  attempt.seed = value.at("seed");
  attempt.question = value.at("question");
  attempt.gold = text_or_nothing(value.at("gold")).value_or("");
  if (value.contains("failure"))
    attempt.failure = value.at("failure");
  else
    read_outcome(value, attempt);
  return attempt;
}

}  // namespace

std::string name_of(const Arm& arm) {
  return arm.budget ? fmt::format("{} @ {}", arm.recipe, *arm.budget) : arm.recipe;
}

AttemptFile read_attempts(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw Error(Fault::input, "eval", fmt::format("{} cannot be read", path),
                "Name a folder that `cairn eval --out` has written");
  AttemptFile result;
  std::map<std::tuple<Arm, std::string, std::uint64_t>, std::size_t> places;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    try {
      Attempt attempt = attempt_of(json::parse(line));
      const auto [place, fresh] =
          places.try_emplace({attempt.arm, attempt.problem, attempt.seed}, result.attempts.size());
      if (fresh)
        result.attempts.push_back(std::move(attempt));
      else
        result.attempts[place->second] = std::move(attempt);
    } catch (const json::exception&) {
      result.complaints.push_back(fmt::format("{} line {}: it is no attempt", path, number));
    }
  }
  return result;
}

void sort_attempts(std::vector<Attempt>& attempts, const std::vector<std::string>& recipes) {
  const auto place = [&](const Attempt& attempt) {
    const auto found = std::find(recipes.begin(), recipes.end(), attempt.arm.recipe);
    return std::pair(attempt.arm.budget, found - recipes.begin());
  };
  std::stable_sort(attempts.begin(), attempts.end(),
                   [&](const Attempt& a, const Attempt& b) { return place(a) < place(b); });
}

}  // namespace cairn::eval
