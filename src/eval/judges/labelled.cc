#include "eval/judges/labelled.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/text.h"
#include "cairn/error.h"
#include "cairn/rng.h"

namespace cairn::eval {
namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::string& where, const std::string& why) {
  throw Error(Fault::input, where, why,
              "Give JSON lines with question, steps and label, first_error or chain_correct");
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// A list of one word for each step names the kind by the word of the first wrong one.
std::string status_of(const json& status, int at) {
  if (!status.is_array()) return "";
  if (at < 0 || at >= static_cast<int>(status.size()) || !status[at].is_string()) return "";
  return status[at].get<std::string>();
}

std::string kind_of(const json& object, std::optional<int> first_error) {
  if (std::string error = text_of(object, "error"); !error.empty()) return error;
  const auto meta = object.find("meta");
  if (meta == object.end() || !meta->is_object()) return "";
  for (const char* key : {"error_category", "subset", "task", "question_type"})
    if (std::string kind = text_of(*meta, key); !kind.empty()) return kind;
  if (const auto status = meta->find("step_status"); status != meta->end() && first_error)
    return status_of(*status, *first_error);
  return text_of(*meta, "generator");
}

std::vector<Choice> choices_of(const json& object) {
  std::vector<Choice> choices;
  const auto all = object.find("choices");
  if (all == object.end() || !all->is_array()) return choices;
  for (const json& choice : *all)
    if (choice.is_array() && choice.size() == 2 && choice[0].is_string() && choice[1].is_string())
      choices.push_back({choice[0].get<std::string>(), choice[1].get<std::string>()});
  return choices;
}

bool take_label(const std::string& where, const json& object, LabelledChain& chain) {
  for (const char* key : {"label", "first_error"}) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number_integer()) continue;
    const auto index = found->get<std::int64_t>();
    if (index < -1 || index >= static_cast<std::int64_t>(chain.steps.size()))
      refuse(where,
             fmt::format("{} is {}, but there are {} steps", key, index, chain.steps.size()));
    chain.first_error = static_cast<int>(index);
    chain.sound = index == -1;
    return true;
  }
  const auto whole = object.find("chain_correct");
  if (whole == object.end() || !whole->is_boolean()) return false;
  chain.sound = whole->get<bool>();
  return true;
}

// A Natural Program as it was written, "#k. (by #i) …" a step, premises among them.
std::vector<std::string> numbered_steps(const json& object) {
  std::vector<std::string> steps;
  const auto meta = object.find("meta");
  if (meta == object.end() || !meta->is_object() || !meta->contains("step_refs")) return steps;
  const std::string raw = "\n" + text_of(*meta, "raw");
  for (std::size_t at = raw.find("\n#"); at != std::string::npos;) {
    const std::size_t next = raw.find("\n#", at + 1);
    steps.emplace_back(base::trim(std::string_view(raw).substr(at, next - at)));
    at = next;
  }
  return steps;
}

std::optional<LabelledChain> chain_of(const std::string& where, const json& object) {
  const auto steps = object.find("steps");
  LabelledChain chain;
  chain.problem.question = text_of(object, "question");
  chain.problem.choices = choices_of(object);
  if (steps == object.end() || !steps->is_array() || steps->empty() ||
      chain.problem.question.empty())
    return std::nullopt;
  for (const json& step : *steps) {
    if (!step.is_string()) refuse(where, "a step is no text");
    chain.steps.push_back(step.get<std::string>());
  }
  if (!take_label(where, object, chain)) return std::nullopt;
  if (std::vector<std::string> numbered = numbered_steps(object);
      !chain.first_error && !numbered.empty())
    chain.steps = std::move(numbered);
  chain.problem.id = base::printable(text_of(object, "id"));
  if (chain.problem.id.empty()) chain.problem.id = where;
  chain.kind = base::printable(kind_of(object, chain.first_error));
  return chain;
}

}  // namespace

LabelledFile read_labelled(const std::string& where, std::string_view text) {
  LabelledFile file;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = base::trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    const std::string place = fmt::format("{} line {}", where, number);
    const json object = json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!object.is_object()) refuse(place, "it is no JSON object");
    std::optional<LabelledChain> chain = chain_of(place, object);
    if (chain)
      file.chains.push_back(std::move(*chain));
    else
      ++file.without_label;
  }
  return file;
}

std::vector<LabelledChain> drawn(std::vector<LabelledChain> chains, std::size_t limit,
                                 std::uint64_t seed) {
  if (limit >= chains.size()) return chains;
  std::vector<std::size_t> order(chains.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = 0; i < limit; ++i) {
    const auto left = static_cast<double>(order.size() - i);
    std::swap(order[i], order[i + static_cast<std::size_t>(uniform(seed, i) * left)]);
  }
  order.resize(limit);
  std::sort(order.begin(), order.end());
  std::vector<LabelledChain> some;
  for (const std::size_t i : order) some.push_back(std::move(chains[i]));
  return some;
}

}  // namespace cairn::eval
