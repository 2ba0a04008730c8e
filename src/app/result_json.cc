#include "app/result_json.h"

#include <fmt/core.h>

#include "cairn/error.h"

namespace cairn::app {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void bad(const std::string& where, const std::string& what) {
  throw Error(
      Fault::input, where, what,
      R"(Write {"id": "…", "question": "…"} and, where known, "answer", "kind", "choices")");
}

// A string, or a number as it is written.
std::string text_of(const std::string& where, const nlohmann::json& json, const char* key) {
  const auto& value = json.at(key);
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return value.dump();
  bad(where, fmt::format("\"{}\" is {}, not text", key, value.type_name()));
}

std::vector<Choice> choices_of(const std::string& where, const nlohmann::json& json) {
  std::vector<Choice> choices;
  if (!json.is_array()) bad(where, "\"choices\" is no list");
  for (const auto& choice : json) {
    if (choice.is_string())
      choices.push_back({std::string(1, static_cast<char>('A' + choices.size())), choice});
    else if (choice.is_array() && choice.size() == 2 && choice[0].is_string() &&
             choice[1].is_string())
      choices.push_back({choice[0], choice[1]});
    else
      bad(where, "a choice is neither text nor [label, text]");
  }
  if (choices.size() > 26)
    bad(where, fmt::format("{} choices are more than the 26 letters", choices.size()));
  return choices;
}

std::vector<std::string> texts_of(const std::string& where, const nlohmann::json& json,
                                  const char* key) {
  std::vector<std::string> texts;
  if (!json.is_array()) bad(where, fmt::format("\"{}\" is no list", key));
  for (const auto& text : json) {
    if (!text.is_string()) bad(where, fmt::format("one of \"{}\" is no text", key));
    texts.push_back(text);
  }
  return texts;
}

// A text that some data sets keep apart from the question; empty where there is none.
std::string meta_text(const nlohmann::json& json, const char* key) {
  const auto meta = json.find("meta");
  if (meta == json.end() || !meta->is_object() || !meta->contains(key)) return {};
  const auto& text = meta->at(key);
  return text.is_string() ? text.get<std::string>() : std::string();
}

std::string question_of(const std::string& where, const nlohmann::json& json) {
  const std::string passage = meta_text(json, "passage");
  const std::string instructions = meta_text(json, "instructions");
  return (passage.empty() ? "" : passage + "\n\n") + text_of(where, json, "question") +
         (instructions.empty() ? "" : "\n" + instructions);
}

std::vector<std::string> alternatives_of(const std::string& where, const nlohmann::json& json) {
  if (json.contains("alternatives")) return texts_of(where, json["alternatives"], "alternatives");
  const auto meta = json.find("meta");
  if (meta == json.end() || !meta->is_object() || !meta->contains("alternatives")) return {};
  return texts_of(where, meta->at("alternatives"), "alternatives");
}

// A text, or several, a line each.
std::string tests_of(const std::string& where, const nlohmann::json& json) {
  if (!json.contains("tests")) return {};
  if (json["tests"].is_string()) return json["tests"];
  std::string tests;
  for (const std::string& test : texts_of(where, json["tests"], "tests")) tests += test + "\n";
  return tests;
}

std::string database_of(const std::string& where, const nlohmann::json& json) {
  if (json.contains("database")) return text_of(where, json, "database");
  const std::string name = meta_text(json, "db");
  return name.empty() ? "" : "db/" + name + ".sqlite";
}

Json to_json(const Usage& usage) {
  return {{"generated_tokens", usage.generated_tokens},
          {"evaluated_tokens", usage.evaluated_tokens},
          {"unique_tokens", usage.unique_tokens},
          {"prompt_tokens", usage.prompt_tokens},
          {"judge_tokens", usage.judge_tokens},
          {"judge_generated", usage.judge_generated},
          {"draft_tokens", usage.draft_tokens},
          {"draft_generated", usage.draft_generated},
          {"cached_tokens", usage.cached_tokens},
          {"model_calls", usage.model_calls},
          {"tool_calls", usage.tool_calls},
          {"tool_errors", usage.tool_errors},
          {"tool_seconds", usage.tool_seconds},
          {"seconds", usage.seconds}};
}

Json to_json(const eval::StepMarks& marks) {
  Json json{{"written", marks.written},
            {"first_error", marks.first_error},
            {"valid", marks.valid},
            {"sequence", marks.sequence},
            {"final", marks.final}};
  if (marks.accuracy) json["accuracy"] = *marks.accuracy;
  if (marks.ratio) json["ratio"] = *marks.ratio;
  if (marks.similarity) json["similarity"] = *marks.similarity;
  if (marks.edits) json["edits"] = *marks.edits;
  return json;
}

Json to_json(const std::optional<std::string>& text) {
  return text ? Json(*text) : Json(nullptr);
}

}  // namespace

Problem problem_from_json(const std::string& where, const nlohmann::json& json) {
  if (!json.is_object()) bad(where, "the line is no object");
  for (const char* key : {"id", "question"})
    if (!json.contains(key)) bad(where, fmt::format("\"{}\" is missing", key));
  Problem problem;
  problem.id = text_of(where, json, "id");
  problem.question = question_of(where, json);
  if (json.contains("answer") && !json["answer"].is_null())
    problem.answer = text_of(where, json, "answer");
  problem.alternatives = alternatives_of(where, json);
  problem.database = database_of(where, json);
  if (json.contains("prelude")) problem.prelude = text_of(where, json, "prelude");
  problem.tests = tests_of(where, json);
  if (!problem.database.empty()) problem.kind = AnswerKind::sql;
  if (!problem.tests.empty()) problem.kind = AnswerKind::code;
  if (json.contains("kind")) problem.kind = answer_kind(text_of(where, json, "kind"));
  if (json.contains("extract")) problem.extract = text_of(where, json, "extract");
  if (json.contains("choices")) problem.choices = choices_of(where, json["choices"]);
  return problem;
}

Json result_to_json(const Solved& solved, const Problem& problem, const std::string& recipe,
                    const std::string& model) {
  const Outcome& outcome = solved.outcome;
  Json traces = Json::array();
  for (const FinishedTrace& finished : outcome.traces) {
    Json steps = Json::array();
    for (const Step* step : finished.trace.steps()) steps.push_back(step->text);
    traces.push_back({{"answer", to_json(finished.trace.answer())},
                      {"reward", finished.reward},
                      {"steps", steps}});
  }
  Json json{{"id", problem.id},
            {"answer", to_json(outcome.answer)},
            {"recipe", recipe},
            {"model", model},
            {"confidence", outcome.confidence},
            {"stopped", name_of(outcome.stopped)},
            {"usage", to_json(outcome.usage)},
            {"traces", traces}};
  if (solved.marks.outcome) json["correct"] = *solved.marks.outcome;
  if (solved.marks.steps) json["steps"] = to_json(*solved.marks.steps);
  return json;
}

std::string one_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace cairn::app
